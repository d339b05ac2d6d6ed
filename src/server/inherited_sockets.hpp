#pragma once

#include "server/listen_socket.hpp"
#include "server/udp_listen_socket.hpp"

#include <fairlead/passed_socket.hpp>
#include <fairlead/url.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace fairlead {

/// Listening sockets that a server did not open: `listen` takes those of its URL. If several listeners of the
/// predecessor have this URL, each call takes those of one, in the order in which the predecessor began to listen.
///
/// Thread safety: any thread.
class inherited_sockets {
public:
    /// `joint` is set on all sockets that are taken. Lifetime: shared with them.
    explicit inherited_sockets(std::shared_ptr<const joint_sockets> joint) : joint_{std::move(joint)} {}

    /// Adds a socket of a service manager, for the listener at a URL. Errors: throws std::invalid_argument if
    /// it does not fit; then `socket` is left as it is.
    void adopt(const url& at, passed_socket&& socket);

    /// Adds a socket of one of the predecessor's listeners.
    void take_over(const listener_name& of, lent_socket socket);

    /// Adds the ticket keys of one of the predecessor's listeners. `take_keys` returns those of the next
    /// listener at a URL; empty: none.
    void take_over_keys(const std::string& url, std::string keys);
    std::string take_keys(const url& at);

    /// Takes the sockets for a TCP or Unix listener, ready to accept. If it returns none, the server opens its own.
    ///
    /// Errors: throws boost::system::system_error if one cannot be used.
    std::vector<listen_socket> take(const url& at, listens_for purpose, const socket_options& options);

    /// Takes the sockets for a UDP listener, by address.
    std::vector<udp_listen_sockets> take_datagrams(const url& at, const udp_options& how);

    /// Returns the sockets of a listener, linked to the hand-overs of this server: from now on they know if
    /// another process has them too. All sockets of a server are handed over together.
    std::vector<listen_socket> shared(std::vector<listen_socket> sockets) const;

    /// Closes the sockets that no listener has taken, after the predecessor has left, and removes files of
    /// Unix sockets. Returns the URLs.
    std::vector<std::string> drop_rest();

    /// Closes all sockets and erases the keys, because the predecessor continues to serve.
    void forget() noexcept;

private:
    struct kept {
        listener_name of; // number 0: passed by a service manager, for either kind
        lent_socket socket;
    };
    struct kept_keys {
        std::string url, keys;
    };

    std::vector<lent_socket> take_next(const std::string& url, listens_for purpose);
    listen_socket prepare(const url& at, lent_socket from) const;

    const std::shared_ptr<const joint_sockets> joint_;
    std::mutex mutex_;
    std::vector<kept> sockets_;
    std::vector<kept_keys> keys_;
};

} // namespace fairlead
