#pragma once

#include "core/unique_descriptor.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/url.hpp>

#include <string>
#include <sys/types.h>

namespace fairlead {

/// The file by which others find a listening Unix socket; goes with its owner, if it is still the one we made.
///
/// Servers that use this agree among themselves by a lock on the directory, so two that start at once at one path do not
/// take it from each other:
///
///     lock ─▶ what is there? ─┬─ nothing ──────────────────────────▶ bind ─▶ set mode ─▶ listen ─▶ unlock
///                             ├─ a socket nobody listens on ─ unlink ──▲
///                             └─ a socket that answers, or anything else: refused, and left alone
///
/// Lifetime: ends before its socket is closed. As long as the socket is open the number of its inode is not given to
/// another file, and so tells whether the file is ours. Source: unix(7), flock(2).
class unix_socket_file {
public:
    unix_socket_file() noexcept = default;

    /// Binds `socket` to the path in `where` and listens. The file has exactly `mode`, whatever the umask, before the
    /// first peer can connect.
    ///
    /// Errors: throws boost::system::system_error with a sentence.
    static unix_socket_file listen(int socket, const url& where, const endpoint& address, ::mode_t mode, int backlog);

    unix_socket_file(unix_socket_file&&) noexcept = default;
    unix_socket_file& operator=(unix_socket_file&&) = delete;
    ~unix_socket_file() { remove(); }

    /// Removes the file; waits a second at most for the lock, and then leaves the file for the next server to replace.
    void remove() noexcept;

private:
    unix_socket_file(unique_descriptor directory, std::string name) noexcept
        : directory_{std::move(directory)}, name_{std::move(name)} {}

    void identify(const url& where, ::mode_t mode);
    bool is_ours() const noexcept;

    unique_descriptor directory_;
    std::string name_;
    ::dev_t device_ = 0;
    ::ino_t inode_ = 0;
};

} // namespace fairlead
