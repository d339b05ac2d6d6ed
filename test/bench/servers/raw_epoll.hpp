#pragma once

#include "framed.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace fairlead::bench {

/// As little as echoing frames takes with epoll: a socket is registered once, edge-triggered; one recv into a buffer
/// that all share, which is known to have taken everything when it comes back short; one send for all whole frames, out
/// of that buffer. No limits but the largest message, no deadlines, no log.
class raw_epoll {
public:
    raw_epoll() : epoll_{::epoll_create1(EPOLL_CLOEXEC)}, buffer_(usual_read) {
        if (epoll_ < 0)
            throw std::runtime_error{"epoll_create1"};
    }

    /// `socket` is non-blocking, as below.
    void listen(int socket) {
        listener_ = socket;
        watch(socket, EPOLLIN, nullptr);
    }

    void adopt(int socket) {
        watch(socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, new connection{.socket = socket});
    }

    void run() {
        for (;;)
            turn(-1);
    }

    void run_until_idle() {
        while (turn(0)) {}
    }

private:
    static constexpr std::size_t usual_read = 256 * 1024;

    struct connection {
        int socket;
        bool readable = false;
        bool hangup = false; // the peer has ended its side
        std::string begun;   // of a frame that has not come whole
        std::string unsent;  // what the socket has not taken; nothing is read until it has
    };

    bool turn(int timeout) {
        ::epoll_event events[256];
        const int count = ::epoll_wait(epoll_, events, 256, timeout);
        for (int i = 0; i < count; ++i) {
            if (auto* const peer = static_cast<connection*>(events[i].data.ptr))
                serve(*peer, events[i].events);
            else
                accept_all();
        }
        return count > 0;
    }

    void watch(int socket, std::uint32_t events, connection* peer) {
        ::epoll_event wanted{.events = events, .data = {.ptr = peer}};
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &wanted) != 0)
            throw std::runtime_error{"epoll_ctl"};
    }

    void accept_all() {
        for (;;) {
            const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (socket < 0 && errno == EAGAIN)
                return;
            if (socket < 0 && errno != ECONNABORTED)
                throw std::runtime_error{std::string{"accept: "} + std::strerror(errno)};
            if (socket < 0)
                continue;
            const int on = 1;
            ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            adopt(socket);
        }
    }

    void serve(connection& peer, std::uint32_t events) {
        peer.hangup = peer.hangup || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        peer.readable = peer.readable || peer.hangup || (events & EPOLLIN) != 0;
        if (!send_rest(peer) || !echo(peer)) {
            ::close(peer.socket);
            delete &peer;
        }
    }

    // The following give false when the connection is at its end.

    bool echo(connection& peer) {
        while (peer.readable && peer.unsent.empty()) {
            const std::size_t begun = peer.begun.size();
            if (buffer_.size() < begun + usual_read)
                buffer_.resize(begun + usual_read);
            std::memcpy(buffer_.data(), peer.begun.data(), begun);
            const ::ssize_t got = ::recv(peer.socket, buffer_.data() + begun, usual_read, 0);
            if (got <= 0) {
                peer.readable = false;
                return got < 0 && errno == EAGAIN;
            }
            // The end of the peer's side may have been told together with these bytes: then read on to it.
            peer.readable = peer.hangup || static_cast<std::size_t>(got) == usual_read;
            const std::size_t size = begun + static_cast<std::size_t>(got);
            const auto whole = whole_frames(buffer_.data(), size);
            if (!whole)
                return false;
            peer.begun.assign(buffer_.data() + *whole, size - *whole);
            if (*whole != 0 && !send(peer, buffer_.data(), *whole))
                return false;
        }
        return true;
    }

    static bool send(connection& peer, const char* bytes, std::size_t size) {
        const ::ssize_t sent = ::send(peer.socket, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return false;
        const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
        peer.unsent.assign(bytes + taken, size - taken);
        return true;
    }

    static bool send_rest(connection& peer) {
        if (peer.unsent.empty())
            return true;
        const std::string rest = std::move(peer.unsent);
        return send(peer, rest.data(), rest.size());
    }

    const int epoll_;
    int listener_ = -1;
    std::vector<char> buffer_;
};

} // namespace fairlead::bench
