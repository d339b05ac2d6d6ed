#pragma once

#include "require.hpp"

#include <array>
#include <cstdint>
#include <ctime>
#include <sys/epoll.h>
#include <sys/types.h>
#include <unistd.h>

namespace fairlead::bench {

/// Readiness of connections, level-triggered.
class poller {
public:
    poller() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} { require(epoll_ >= 0, "there is no epoll"); }
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;
    ~poller() { ::close(epoll_); }

    void add(int socket, void* whose) { control(EPOLL_CTL_ADD, socket, whose, EPOLLIN); }
    void change(int socket, void* whose, bool also_writable) {
        control(EPOLL_CTL_MOD, socket, whose, also_writable ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }

    void remove(int socket) { control(EPOLL_CTL_DEL, socket, nullptr, 0); }

    /// Waits at most 100 ms, then calls `serve(whose)` for each that is ready.
    template <class Serve>
    void wait(const Serve& serve) {
        std::array<::epoll_event, 256> ready;
        const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 100);
        for (int i = 0; i < count; ++i)
            serve(ready[static_cast<std::size_t>(i)].data.ptr);
    }

private:
    void control(int how, int socket, void* whose, std::uint32_t events) {
        ::epoll_event wanted{.events = events, .data = {.ptr = whose}};
        require(::epoll_ctl(epoll_, how, socket, &wanted) == 0, "epoll takes no connection");
    }

    int epoll_;
};

/// What a process has used of the processor so far, in nanoseconds.
inline double processor_time(::pid_t process) {
    ::clockid_t clock{};
    ::timespec used{};
    require(::clock_getcpuclockid(process, &clock) == 0 && ::clock_gettime(clock, &used) == 0,
            "the processor time of the server cannot be seen");
    return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

} // namespace fairlead::bench
