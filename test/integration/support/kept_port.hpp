#pragma once

#include "core/unique_descriptor.hpp"
#include "integration/support/run_transport.hpp"

#include <cerrno>
#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <system_error>

namespace fairlead::test {

/// A port of the loopback where servers come and go, and which no other program gets meanwhile. A socket is bound to it that
/// does not listen, so connections are refused while there is no server (SO_REUSEADDR, socket(7)).
class kept_port {
public:
    kept_port() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        ::sockaddr_in local{};
        local.sin_family = AF_INET;
        local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const address = reinterpret_cast<::sockaddr*>(&local);
        ::socklen_t size = sizeof local;
        constexpr int on = 1;
        if (::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
            ::bind(socket_.get(), address, size) != 0 || ::getsockname(socket_.get(), address, &size) != 0)
            throw std::system_error{errno, std::generic_category(), "no port to keep"};
        number_ = ntohs(local.sin_port);
    }

    /// As `free_port`, with this port.
    std::string where() const {
        const std::string any = free_port();
        return any.substr(0, any.rfind(':') + 1) + std::to_string(number_);
    }

private:
    unique_descriptor socket_;
    std::uint16_t number_ = 0;
};

} // namespace fairlead::test
