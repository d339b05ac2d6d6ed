#include "runtime/ring_poller.hpp"

#include "base/guarded.hpp"
#include "base/system_error.hpp"

#include <boost/system/system_error.hpp>

#include <atomic>
#include <cassert>
#include <chrono>
#include <new>
#include <poll.h>
#include <system_error>
#include <thread>
#include <utility>

namespace fairlead {

namespace {

// Never 0, and never that of a thread that is gone.
std::uint64_t this_thread() noexcept {
    static std::atomic<std::uint64_t> last{0};
    thread_local const std::uint64_t mine = ++last;
    return mine;
}

template <class T>
std::uint64_t tag_of(const T& what) noexcept {
    return reinterpret_cast<std::uintptr_t>(&what);
}

} // namespace

// Tried once, on a thread that is gone then: see `ring` for what may happen to the one that made it.
result<std::unique_ptr<poller>> ring_poller::make() {
    static const error_code refused = [] {
        error_code why;
        try {
            std::thread{[&why] {
                if (const auto tried = ring::make(); !tried)
                    why = tried.error();
            }}.join();
        } catch (const std::system_error& no_thread) {
            why = no_thread.code();
        }
        return why;
    }();
    if (refused)
        return refused;
    return std::unique_ptr<poller>{new ring_poller};
}

ring_poller::ring_poller() {
    if (const error_code failed = add(wake_up_.get(), nobody_, watch_for::reading))
        throw boost::system::system_error{failed, "cannot watch an eventfd"};
}

ring_poller::~ring_poller() {
    ring_.reset();
    while (registration* const each = all_.front())
        delete each;
}

bool ring_poller::on_its_thread() const noexcept {
    return thread_ == this_thread();
}

void ring_poller::begin() noexcept {
    if (!on_its_thread())
        guarded([this] { make_ring(); });
}

void ring_poller::make_ring() {
    ring_.reset();
    thread_ = 0;
    forget_requests();
    auto made = ring::make();
    if (!made)
        throw boost::system::system_error{made.error(), "io_uring_setup"};
    ring_ = std::move(*made);
    thread_ = this_thread();
    if (asio_waits_)
        ring_->tell(asio_waits_for_.get());
    ring_tells_asio_ = asio_waits_;
}

// Their ring is gone.
void ring_poller::forget_requests() noexcept {
    some_unarmed_ = true;
    for (registration* each = all_.front(); each;) {
        registration* const next = all_.after(*each);
        each->armed = false;
        if (!each->who)
            delete each;
        each = next;
    }
}

void ring_poller::watched_by_asio() noexcept {
    if (!std::exchange(asio_waits_, true))
        asio_waits_for_.notify(); // for a first `dispatch`
}

// Asio hears of what has completed, but hands nothing over.
void ring_poller::before_asio_waits() noexcept {
    if (!asio_waits_ || dispatching_)
        return;
    if (ring_tells_asio_ && on_its_thread() && !some_unarmed_)
        ring_->enter(false);
    else
        asio_waits_for_.notify();
}

error_code ring_poller::add(int descriptor, watcher& who, watch_for what) noexcept {
    if (descriptor < 0)
        return system_code(EBADF);
    try {
        // No POLLPRI: the kernel says it together with every POLLIN.
        const unsigned events = POLLIN | POLLRDHUP | (what == watch_for::reading_and_writing ? POLLOUT : 0u);
        const auto place = static_cast<std::size_t>(descriptor);
        if (by_descriptor_.size() <= place)
            by_descriptor_.resize(place + 1);
        auto* const added = new registration{descriptor, who, events};
        all_.push_front(*added);
        by_descriptor_[place] = added;
        if (on_its_thread())
            guarded([&] { arm(*added); });
        some_unarmed_ = some_unarmed_ || !added->armed; // armed with the next turn
        before_asio_waits();
        return {};
    } catch (const std::bad_alloc&) {
        return system_code(ENOMEM);
    }
}

// The kernel holds on to what it polls: a socket would be closed, and its peer told, only once that has ended.
void ring_poller::remove(int descriptor, watcher&) noexcept {
    registration& gone = *std::exchange(by_descriptor_[static_cast<std::size_t>(descriptor)], nullptr);
    gone.who = nullptr;
    if (!gone.armed) {
        if (&gone != telling_)
            delete &gone;
    } else if (on_its_thread()) {
        guarded([&] { ring_->cancel(tag_of(gone)); });
        ring_->enter(false);
    }
}

void ring_poller::arm(registration& what) {
    ::io_uring_sqe& request = ring_->prepare();
    ::io_uring_prep_poll_multishot(&request, what.descriptor, what.events);
    request.user_data = tag_of(what);
    what.armed = true;
}

void ring_poller::arm_all() {
    for (registration* each = all_.front(); each; each = all_.after(*each)) {
        if (!each->armed && each->who)
            arm(*each);
    }
    some_unarmed_ = false;
}

// Everything the kernel is to know before the shard waits.
void ring_poller::prepare() {
    if (!on_its_thread())
        make_ring();
    if (some_unarmed_)
        arm_all();
    if (!asio_waits_)
        return;
    asio_waits_for_.take();
    if (!ring_tells_asio_)
        ring_->tell(asio_waits_for_.get());
    ring_tells_asio_ = true;
}

std::size_t ring_poller::dispatch(bool wait) {
    assert(!dispatching_); // who is told must not have others told
    try {
        prepare();
    } catch (...) { // as long as there is no memory for a ring nobody can be served
        log_exception(std::current_exception());
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        return 0;
    }
    ring_->enter(wait);
    dispatching_ = true;
    std::size_t told = 0;
    for (std::size_t i = 0; i < batch; ++i) {
        const ::io_uring_cqe* const next = ring_->next();
        if (!next)
            break;
        const ::io_uring_cqe completion = *next;
        ring_->seen();
        told += completed(completion) ? 1 : 0;
    }
    dispatching_ = false;
    before_asio_waits();
    if (asio_waits_ && ring_->next())
        asio_waits_for_.notify();
    return told;
}

// Whether somebody was told.
bool ring_poller::completed(const ::io_uring_cqe& completion) {
    if (completion.user_data == 0)
        return false;
    registration& of = *reinterpret_cast<registration*>(static_cast<std::uintptr_t>(completion.user_data));
    if ((completion.flags & IORING_CQE_F_MORE) == 0)
        of.armed = false;
    if (!of.who) {
        if (!of.armed)
            delete &of;
        return false;
    }
    if (completion.res < 0 && completion.res != -ECANCELED) { // it cannot be polled; a read will say why
        watcher& who = *of.who;
        guarded([&] { who.on_readable(true); });
        return true;
    }
    if (!of.armed)
        guarded([&] { arm(of); });
    some_unarmed_ = some_unarmed_ || !of.armed;
    if (completion.res < 0)
        return false;
    tell(of, static_cast<unsigned>(completion.res));
    return true;
}

void ring_poller::tell(registration& of, unsigned events) {
    telling_ = &of; // may be removed, but not be gone
    const bool failed = (events & (POLLHUP | POLLERR)) != 0;
    const bool hangup = failed || (events & POLLRDHUP) != 0;
    if (failed || (events & POLLOUT) != 0)
        guarded([&] { of.who->on_writable(); });
    if (of.who && (hangup || (events & POLLIN) != 0))
        guarded([&] { of.who->on_readable(hangup); });
    telling_ = nullptr;
    if (!of.who && !of.armed)
        delete &of;
}

} // namespace fairlead
