#include "topics_load/connection.hpp"

#include "require.hpp"

#include <cerrno>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace fairlead::bench {

connection::connection(const ::sockaddr_in& to, int receive_buffer)
    : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    require(socket_ >= 0, "there are no more descriptors; try fewer subscribers");
    if (receive_buffer > 0)
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const ::timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    require(::connect(socket_, reinterpret_cast<const ::sockaddr*>(&to), sizeof to) == 0,
            "the server takes no connection");
}

connection::~connection() {
    ::close(socket_);
}

void connection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ::ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        require(sent > 0, "the server reads nothing");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void connection::wait_for_answer(const protocol::step& of) {
    const std::string with_more = of.answer + std::string{of.may_follow};
    std::string received;
    while (!received.ends_with(of.answer) && !received.ends_with(with_more)) {
        char bytes[4096];
        const ::ssize_t size = ::recv(socket_, bytes, sizeof bytes, 0);
        require(size > 0, "the server does not answer");
        received.append(bytes, static_cast<std::size_t>(size));
    }
}

std::size_t connection::read(char* to, std::size_t room) {
    const ::ssize_t size = ::recv(socket_, to, room, MSG_DONTWAIT);
    require(size > 0 || (size < 0 && errno == EAGAIN), "the server has closed a connection");
    return size > 0 ? static_cast<std::size_t>(size) : 0;
}

void converse(std::span<connection* const> with, const protocol::step& of) {
    for (connection* const each : with)
        each->send(of.sent);
    for (connection* const each : with)
        each->wait_for_answer(of);
}

} // namespace fairlead::bench
