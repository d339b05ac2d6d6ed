#pragma once

#include "core/unique_descriptor.hpp"
#include "net/socket_sharing.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/url.hpp>

#include <optional>
#include <string>
#include <sys/types.h>

namespace fairlead {

/// Tells a file from all others, as long as it or its socket exists.
struct file_identity {
    ::dev_t device = 0;
    ::ino_t inode = 0;
    friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// The file by which others find a listening Unix socket; goes with its owner, if it is still the one we made.
///
/// Servers that use this agree among themselves by a lock on the directory, so two that start at once at one path do not
/// take it from each other:
///
///     lock ─▶ what is there? ─┬─ nothing ──────────────────────────▶ bind ─▶ set mode ─▶ listen ─▶ unlock
///                             ├─ a socket nobody listens on ─ unlink ──▲
///                             └─ a socket that answers, or anything else: refused, and left alone
///
/// Whatever program can read the directory can hold that lock for ever, so after a while they go on without it. Then two
/// servers that start at one moment may both find a socket nobody listens on, and the later one takes the path of the other.
///
/// Lifetime: ends before its socket is closed. As long as the socket is open the number of its inode is not given to
/// another file, and so tells whether the file is ours. Source: unix(7), flock(2).
class unix_socket_file {
public:
    unix_socket_file() noexcept = default;

    /// Binds `socket` to the path in `url` and listens. The file has exactly `mode`, whatever the umask, before the
    /// first peer can connect.
    ///
    /// Errors: throws boost::system::system_error with a sentence.
    static unix_socket_file listen(int socket, const url& url, const endpoint& address, ::mode_t mode, int backlog);

    /// The file of a socket that another process has bound there. Errors: as above, if its directory cannot be opened.
    static unix_socket_file take_over(const url& url, const file_identity& made, const socket_sharing& sharing);

    /// The identity of the file; nullopt if there is none, or if it is not ours to remove.
    std::optional<file_identity> identity() const noexcept;

    /// Says who else has the socket. The file stays as long as it is shared.
    void share(const socket_sharing& sharing) { sharing_ = sharing; }

    unix_socket_file(unix_socket_file&&) noexcept = default;
    unix_socket_file& operator=(unix_socket_file&&) = delete;
    ~unix_socket_file() { remove(); }

    /// Removes the file, if it is still ours and the socket is not shared. Without the lock it is moved aside first, for another server may just have
    /// taken its place; that server's file is moved back.
    void remove() noexcept;

private:
    unix_socket_file(unique_descriptor directory, std::string name) noexcept
        : directory_{std::move(directory)}, name_{std::move(name)} {}

    void identify(const url& url, ::mode_t mode);
    bool is_ours(const std::string& name) const noexcept;
    error_code remove_aside() const;

    unique_descriptor directory_;
    std::string name_;
    file_identity made_;
    socket_sharing sharing_;
};

} // namespace fairlead
