#include "loopback.hpp"

#include <cerrno>
#include <future>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace demo {

namespace {

constexpr ::timeval patience{5, 0};
constexpr std::chrono::milliseconds pause{100};

int check(long returned, const char* action) {
    if (returned < 0)
        throw std::system_error{errno, std::generic_category(), action};
    return static_cast<int>(returned);
}

::sockaddr_in at_port(std::uint16_t port) {
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int open_socket() {
    const int descriptor = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return descriptor;
}

} // namespace

loopback_socket loopback_socket::connect(std::uint16_t port) {
    loopback_socket socket{open_socket()};
    const auto address = at_port(port);
    check(::connect(socket.descriptor_, reinterpret_cast<const ::sockaddr*>(&address), sizeof address), "connect");
    return socket;
}

loopback_socket loopback_socket::listen() {
    loopback_socket socket{open_socket()};
    const auto address = at_port(0);
    check(::bind(socket.descriptor_, reinterpret_cast<const ::sockaddr*>(&address), sizeof address), "bind");
    check(::listen(socket.descriptor_, 1), "listen");
    return socket;
}

loopback_socket loopback_socket::accept() const {
    return loopback_socket{check(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC), "accept")};
}

loopback_socket::loopback_socket(loopback_socket&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)} {}

loopback_socket::~loopback_socket() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

std::uint16_t loopback_socket::port() const {
    ::sockaddr_in address{};
    ::socklen_t size = sizeof address;
    check(::getsockname(descriptor_, reinterpret_cast<::sockaddr*>(&address), &size), "getsockname");
    return ntohs(address.sin_port);
}

void loopback_socket::write(std::string_view bytes) const {
    while (!bytes.empty())
        bytes.remove_prefix(
            static_cast<std::size_t>(check(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL), "send")));
}

void loopback_socket::end_writing() const {
    check(::shutdown(descriptor_, SHUT_WR), "shutdown");
}

std::string loopback_socket::read() const {
    std::string bytes(4096, '\0');
    bytes.resize(static_cast<std::size_t>(check(::recv(descriptor_, bytes.data(), bytes.size(), 0), "recv")));
    return bytes;
}

void write_apart(const loopback_socket& to, const std::vector<std::string>& pieces) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i != 0)
            std::this_thread::sleep_for(pause);
        to.write(pieces[i]);
    }
}

std::vector<std::string> read_naively(const std::vector<std::string>& pieces) {
    const auto listener = loopback_socket::listen();
    auto reading = std::async(std::launch::async, [&listener] {
        const auto peer = listener.accept();
        std::vector<std::string> seen;
        for (auto bytes = peer.read(); !bytes.empty(); bytes = peer.read())
            seen.push_back(std::move(bytes));
        return seen;
    });
    const auto writer = loopback_socket::connect(listener.port());
    write_apart(writer, pieces);
    writer.end_writing();
    return reading.get();
}

} // namespace demo
