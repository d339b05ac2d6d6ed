#pragma once

#include "topics/arrivals.hpp"

#include <atomic>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace fairlead::bench {

/// The far ends of Unix sockets, which a thread of its own reads. Its work is not that of the server, and is not counted.
class far_reader {
public:
    explicit far_reader(std::size_t frame) : frame_{frame}, poll_{::epoll_create1(EPOLL_CLOEXEC)} {}
    far_reader(const far_reader&) = delete;
    far_reader& operator=(const far_reader&) = delete;
    ~far_reader() {
        ending_ = true;
        thread_.join();
        for (const auto& each : ends_)
            ::close(each->socket);
        ::close(poll_);
    }

    /// Makes a connection and returns its near end.
    int connect(kind what) {
        int both[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both) != 0)
            throw std::runtime_error{"there are no more descriptors; try fewer subscribers"};
        ends_.push_back(std::make_unique<end>(end{both[1], what, {}}));
        ::epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.ptr = ends_.back().get();
        if (what != kind::stopped)
            ::epoll_ctl(poll_, EPOLL_CTL_ADD, both[1], &wanted);
        return both[0];
    }

    void start() {
        thread_ = std::thread{[this] { run(); }};
    }

    arrivals arrived;

private:
    struct end {
        int socket;
        kind what;
        std::string rest; // of a frame, for one that looks
    };

    void run() {
        ::epoll_event ready[256];
        while (!ending_) {
            const int count = ::epoll_wait(poll_, ready, 256, 20);
            for (int i = 0; i < count; ++i)
                read(*static_cast<end*>(ready[i].data.ptr));
        }
    }

    void read(end& from) {
        char buffer[64 * 1024];
        const ::ssize_t size = ::recv(from.socket, buffer, sizeof buffer, 0);
        if (size <= 0)
            return;
        arrived.add(static_cast<std::size_t>(size));
        if (from.what != kind::looks)
            return;
        from.rest.append(buffer, static_cast<std::size_t>(size));
        from.rest.erase(0, arrived.look(from.rest, frame_));
    }

    const std::size_t frame_;
    const int poll_;
    std::vector<std::unique_ptr<end>> ends_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

} // namespace fairlead::bench
