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

/// Identifies a file, as long as it or its socket exists.
struct file_identity {
    ::dev_t device = 0;
    ::ino_t inode = 0;
    friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// The file by which peers find a listening Unix socket. The destructor removes it, if it is still the file
/// that was made here.
///
/// Servers lock the directory, so two that start at one path at the same time do not take it from each other:
///
///     lock ─▶ check the path ─┬─ nothing ──────────────────────────▶ bind ─▶ set mode ─▶ listen ─▶ unlock
///                             ├─ a socket without a server ── unlink ──▲
///                             └─ a socket that answers, or anything else: refused, and left alone
///
/// Any program that can read the directory can hold that lock forever, so after a while servers continue
/// without it. Then two servers that start at the same time may both find a socket without a server, and the
/// later one takes the path of the other.
///
/// Lifetime: ends before its socket is closed. While the socket is open, its inode number is given to no
/// other file, so the number identifies the file. Source: unix(7), flock(2).
class unix_socket_file {
public:
    unix_socket_file() noexcept = default;

    /// Binds `socket` to the path in `url` and listens. Before the first peer can connect, the file has
    /// exactly `mode`, independent of the umask.
    ///
    /// Errors: throws boost::system::system_error with a sentence.
    static unix_socket_file listen(int socket, const url& url, const endpoint& address, ::mode_t mode, int backlog);

    /// Returns the file of a socket that another process has bound there. Errors: as above, if its directory
    /// cannot be opened.
    static unix_socket_file take_over(const url& url, const file_identity& made, const socket_sharing& sharing);

    /// Returns the identity of the file; nullopt if there is none, or if it is not to be removed here.
    std::optional<file_identity> identity() const noexcept;

    /// Sets whether another process has the socket too. The file stays as long as it is shared.
    void share(const socket_sharing& sharing) { sharing_ = sharing; }

    unix_socket_file(unix_socket_file&&) noexcept = default;
    unix_socket_file& operator=(unix_socket_file&&) = delete;
    ~unix_socket_file() { remove(); }

    /// Removes the file, if it is still the one that was made here and the socket is not shared. Without the
    /// lock, it is moved aside first, because another server may just have taken its place; the file of that
    /// server is moved back.
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
