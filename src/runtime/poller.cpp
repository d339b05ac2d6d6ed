#include "runtime/poller.hpp"

#include "core/system_error.hpp"
#include "log/log_exceptions.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <cassert>
#include <cstdint>

namespace fairlead {

poller::poller() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
    if (!epoll_)
        throw boost::system::system_error{last_system_error(), "epoll_create1"};
    ::epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_up_.get(), &event) != 0)
        throw boost::system::system_error{last_system_error(), "epoll_ctl"};
}

error_code poller::add(int descriptor, readiness_handler& handler, interest wanted) noexcept {
    ::epoll_event event{};
    event.events = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;
    if (wanted == interest::read_write)
        event.events |= EPOLLOUT;
    event.data.ptr = &handler;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        return last_system_error();
    return {};
}

void poller::remove(int descriptor, readiness_handler& handler) noexcept {
    ::epoll_event unused{};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, &unused);
    for (int i = 0; i < ready_; ++i) {
        if (events_[i].data.ptr == &handler)
            events_[i].data.ptr = nullptr; // removed while its own or an earlier event of the batch was handled
    }
}

std::size_t poller::collect(bool wait) {
    assert(ready_ == 0); // a handler must not dispatch further events
    ready_ = std::max(0, ::epoll_wait(epoll_.get(), events_, batch, wait ? -1 : 0));
    return static_cast<std::size_t>(ready_);
}

void poller::report() {
    for (int i = 0; i < ready_; ++i) {
        const std::uint32_t events = events_[i].events;
        const bool failed = (events & (EPOLLHUP | EPOLLERR)) != 0;
        // Urgent data (tcp(7)) cuts a read short although more bytes wait behind it, and these are not announced again.
        const bool hangup = failed || (events & (EPOLLRDHUP | EPOLLPRI)) != 0;
        if (pending(i) && (failed || (events & EPOLLOUT) != 0))
            log_exceptions([&] { this->handler(i).on_writable(); });
        if (pending(i) && (hangup || (events & EPOLLIN) != 0))
            log_exceptions([&] { this->handler(i).on_readable(hangup); });
    }
    ready_ = 0;
}

} // namespace fairlead
