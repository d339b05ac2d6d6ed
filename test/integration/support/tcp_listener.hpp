#pragma once

#include "core/unique_descriptor.hpp"
#include "integration/support/client.hpp"
#include "net/resolve.hpp"

#include <cerrno>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

namespace fairlead::test {

/// A socket on a free port of the loopback without the library, as other programs have it.
class tcp_listener {
public:
    /// `bound`: who connects is refused, and nobody else can be there; `full`: who connects gets no answer.
    enum class state { bound, listening, full };

    explicit tcp_listener(state wanted, const endpoint& at = *resolve_literal(url::parse("tcp://127.0.0.1:0")))
        : socket_{::socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        check(socket_.get(), "socket");
        check(::bind(socket_.get(), at.data(), static_cast<::socklen_t>(at.size())), "bind");
        where_ = local_endpoint(socket_.get()).value();
        if (wanted != state::bound)
            check(::listen(socket_.get(), 0), "listen");
        if (wanted == state::full)
            waiting_.emplace(where_); // a backlog of none has room for one
    }

    const endpoint& where() const noexcept { return where_; }

    bool somebody_waits() const noexcept {
        ::pollfd asked{socket_.get(), POLLIN, 0};
        return ::poll(&asked, 1, 0) > 0;
    }

    unique_descriptor accept() {
        unique_descriptor accepted{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
        check(accepted.get(), "accept");
        return accepted;
    }

    /// Takes the next one in and resets the connection.
    void accept_and_reset() {
        const unique_descriptor accepted = accept();
        const ::linger none{1, 0};
        check(::setsockopt(accepted.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none), "SO_LINGER");
    }

private:
    static void check(int returned, const char* what) {
        if (returned < 0)
            throw std::system_error{errno, std::generic_category(), what};
    }

    unique_descriptor socket_;
    endpoint where_;
    std::optional<client> waiting_;
};

} // namespace fairlead::test
