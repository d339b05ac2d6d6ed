#include "runtime/timer.hpp"

#include "core/system_error.hpp"
#include "runtime/shard_core.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstdint>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

namespace fairlead {

namespace {

::timespec to_timespec(std::chrono::nanoseconds span) noexcept {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(span);
    ::timespec converted{};
    converted.tv_sec = seconds.count();
    converted.tv_nsec = (span - seconds).count();
    return converted;
}

} // namespace

timer::timer(shard_core& shard, std::function<void()> rings)
    : shard_{shard}, clock_{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)}, rings_{std::move(rings)} {
    if (!clock_)
        throw boost::system::system_error{last_system_error(), "timerfd_create"};
    if (const error_code failed = shard_.loop().watch(clock_.get(), *this, interest::read))
        throw boost::system::system_error{failed, "cannot watch a timer"};
}

timer::~timer() {
    keep_running(false);
    shard_.loop().unwatch(clock_.get(), *this);
}

void timer::keep_running(bool now) noexcept {
    if (std::exchange(keeps_running_, now) == now)
        return;
    if (now)
        shard_.loop().hold();
    else
        shard_.loop().release();
}

void timer::set(std::chrono::nanoseconds after, std::chrono::nanoseconds every) noexcept {
    ::itimerspec wanted{};
    wanted.it_value = to_timespec(std::max(after, std::chrono::nanoseconds{1})); // 0 would stop it
    wanted.it_interval = to_timespec(every);
    ::timerfd_settime(clock_.get(), 0, &wanted, nullptr);
    again_ = every.count() != 0;
    keep_running(true);
}

void timer::cancel() noexcept {
    const ::itimerspec never{};
    ::timerfd_settime(clock_.get(), 0, &never, nullptr);
    keep_running(false);
}

// A timer that was set anew, or cancelled, after it had expired has nothing to read.
void timer::on_readable(bool) {
    std::uint64_t expirations = 0;
    if (::read(clock_.get(), &expirations, sizeof expirations) != sizeof expirations)
        return;
    if (!again_)
        keep_running(false);
    rings_();
}

} // namespace fairlead
