#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace fairlead::test {

/// A plain UDP socket on the other side, connected: it hears only the server.
///
/// Errors: every function throws std::system_error, a wait of more than ten seconds included.
class datagram_client {
public:
    /// `from`: an IPv4 address of this machine, if it matters which.
    explicit datagram_client(const endpoint& server, const char* from = nullptr) : descriptor_{open(server)} {
        set_patience({10, 0});
        constexpr int buffer = 4 * 1024 * 1024; // or what the system grants
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
        if (from)
            bind_to(from);
        // At an address of its own it could have the server's port, and the server would take it for itself.
        while (from && port() == server.port()) {
            ::close(std::exchange(descriptor_, open(server)));
            set_patience({10, 0});
            bind_to(from);
        }
        check(::connect(descriptor_, server.data(), static_cast<::socklen_t>(server.size())), "connect");
    }
    datagram_client(const datagram_client&) = delete;
    datagram_client& operator=(const datagram_client&) = delete;
    ~datagram_client() { ::close(descriptor_); }

    void send(bytes_view datagram) {
        check(::send(descriptor_, datagram.data(), datagram.size(), MSG_NOSIGNAL), "send");
    }

    std::string receive() {
        std::string datagram(65'536, '\0');
        const auto size = ::recv(descriptor_, datagram.data(), datagram.size(), 0);
        datagram.resize(static_cast<std::size_t>(check(size, "recv")));
        return datagram;
    }

    std::string ask(bytes_view datagram) {
        send(datagram);
        return receive();
    }

    /// Whether one is here, or comes within a moment.
    bool hears_something(::timeval within = {0, 50'000}) {
        set_patience(within);
        char byte = 0;
        const bool heard = ::recv(descriptor_, &byte, 1, MSG_PEEK) >= 0;
        set_patience({10, 0});
        return heard;
    }

    std::uint16_t port() const {
        ::sockaddr_in bound{};
        ::socklen_t size = sizeof bound;
        check(::getsockname(descriptor_, reinterpret_cast<::sockaddr*>(&bound), &size), "getsockname");
        return ntohs(bound.sin_port);
    }

private:
    static int open(const endpoint& server) {
        return static_cast<int>(check(::socket(server.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
    }

    void bind_to(const char* address) {
        ::sockaddr_in source{};
        source.sin_family = AF_INET;
        ::inet_pton(AF_INET, address, &source.sin_addr);
        check(::bind(descriptor_, reinterpret_cast<const ::sockaddr*>(&source), sizeof source), "bind");
    }

    void set_patience(::timeval limit) {
        check(::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "SO_RCVTIMEO");
    }

    static ::ssize_t check(::ssize_t returned, const char* what) {
        if (returned < 0)
            throw std::system_error{errno, std::generic_category(), what};
        return returned;
    }

    int descriptor_;
};

} // namespace fairlead::test
