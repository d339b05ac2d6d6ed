#include "load/load_run.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <ctime>
#include <exception>
#include <unistd.h>

namespace fairlead::command {

namespace {

constexpr std::chrono::milliseconds beat{100};

std::chrono::duration<double> processor_time() {
    ::timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

} // namespace

load_run::load_run(const load_plan& plan, const std::atomic<bool>& interrupted)
    : plan_{plan}, interrupted_{interrupted}, messages_{plan.sizes, alphabet_for(plan.framing_name)},
      home_{plan.threads}, control_{home_, plan, clock::now()} {
    for (std::size_t index = 0; index < plan.threads; ++index)
        workers_.push_back(
            std::make_unique<load_worker>(plan_, messages_, control_, home_[index], index, bar_.visible()));
}

load_result load_run::run() {
    for (const auto& each : workers_)
        each->start();
    boost::asio::co_spawn(home_[0].executor(), keep_time(), [this](std::exception_ptr thrown) {
        if (thrown)
            control_.fail(thrown);
    });
    home_.run();
    bar_.erase();
    control_.rethrow();
    for (const auto& each : workers_)
        result_.counts.add(each->result());
    return std::move(result_);
}

boost::asio::awaitable<void> load_run::keep_time() {
    boost::asio::steady_timer timer{home_[0].executor()};
    error_code cancelled;
    bool begun = false;
    std::chrono::duration<double> used_before{0};
    for (;;) {
        const auto now = clock::now();
        if (interrupted_ && now < control_.end()) {
            result_.interrupted = true;
            control_.end_now(now);
        }
        if (!begun && now >= control_.begin()) {
            begun = true;
            used_before = processor_time();
        }
        if (now >= control_.end())
            break;
        show_progress(now);
        const auto next = begun ? control_.end() : std::min(control_.begin(), control_.end());
        timer.expires_at(std::min(next, now + beat));
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }
    if (begun) {
        result_.processor = processor_time() - used_before;
        result_.measured = control_.end() - control_.begin();
    }
}

void load_run::show_progress(clock::time_point now) {
    if (!bar_.visible())
        return;
    tally counts;
    for (const auto& each : workers_)
        each->add_shown(counts);
    rate_.note(now, counts.replies);
    bar_.show(load_progress(plan_, now - control_.start(), rate_.per_second(), counts));
}

} // namespace fairlead::command
