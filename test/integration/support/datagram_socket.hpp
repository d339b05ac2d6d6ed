#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>

#include <cerrno>
#include <netdb.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <unistd.h>

namespace fairlead::test {

/// A plain blocking UDP socket on the other side, bound to an address of the loopback.
///
/// Errors: every function throws std::system_error, a wait of more than ten seconds included.
class datagram_socket {
public:
    explicit datagram_socket(const char* address = "127.0.0.1", std::uint16_t port = 0) {
        ::addrinfo hints{};
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        hints.ai_socktype = SOCK_DGRAM;
        ::addrinfo* where = nullptr;
        if (::getaddrinfo(address, std::to_string(port).c_str(), &hints, &where) != 0)
            throw std::system_error{EINVAL, std::generic_category(), address};
        descriptor_ = ::socket(where->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const int bound = ::bind(descriptor_, where->ai_addr, where->ai_addrlen);
        ::freeaddrinfo(where);
        constexpr ::timeval patience{30, 0};
        if (bound != 0 || ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
            fail("bind");
    }
    datagram_socket(const datagram_socket&) = delete;
    datagram_socket& operator=(const datagram_socket&) = delete;
    ~datagram_socket() { ::close(descriptor_); }

    endpoint local() const {
        ::sockaddr_storage address{};
        ::socklen_t size = sizeof address;
        ::getsockname(descriptor_, reinterpret_cast<::sockaddr*>(&address), &size);
        return {reinterpret_cast<const ::sockaddr*>(&address), size, transport::udp};
    }

    std::string receive() {
        std::string bytes(65'536, '\0');
        peer_size_ = sizeof peer_;
        const ::ssize_t got = ::recvfrom(descriptor_, bytes.data(), bytes.size(), 0, peer(), &peer_size_);
        if (got < 0)
            fail("recvfrom");
        bytes.resize(static_cast<std::size_t>(got));
        return bytes;
    }

    /// To whom the last datagram received came from.
    void reply(bytes_view bytes) {
        if (::sendto(descriptor_, bytes.data(), bytes.size(), 0, peer(), peer_size_) < 0)
            fail("sendto");
    }

    void send_to(const endpoint& whom, bytes_view bytes) {
        const auto size = static_cast<::socklen_t>(whom.size());
        if (::sendto(descriptor_, bytes.data(), bytes.size(), 0, whom.data(), size) < 0)
            fail("sendto");
    }

    int descriptor() const noexcept { return descriptor_; }

private:
    [[noreturn]] void fail(const char* what) const { throw std::system_error{errno, std::generic_category(), what}; }
    ::sockaddr* peer() noexcept { return reinterpret_cast<::sockaddr*>(&peer_); }

    int descriptor_ = -1;
    ::sockaddr_storage peer_{};
    ::socklen_t peer_size_ = 0;
};

} // namespace fairlead::test
