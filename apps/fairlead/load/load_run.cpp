#include "load/load_run.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <unistd.h>

namespace fairlead::command {

namespace {

constexpr std::chrono::milliseconds beat{100};

} // namespace

load_run::load_run(const load_plan& plan, const std::atomic<bool>& interrupted)
    : plan_{plan}, messages_{plan.sizes, alphabet_for(plan.framing_name)}, home_{plan.threads}, control_{home_, plan,
                                                                                                         clock::now(),
                                                                                                         interrupted} {
    if (plan.server_process != 0)
        server_.emplace(plan.server_process);
    for (std::size_t index = 0; index < plan.threads; ++index)
        workers_.push_back(
            std::make_unique<load_worker>(plan_, messages_, control_, home_[index], index, bar_.visible()));
}

load_result load_run::run() {
    for (const auto& each : workers_)
        each->start();
    boost::asio::co_spawn(home_[0].get_executor(), keep_time(), [this](std::exception_ptr thrown) {
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
    boost::asio::steady_timer timer{home_[0].get_executor()};
    error_code cancelled;
    bool begun = false;
    for (;;) {
        const auto now = clock::now();
        if (control_.is_interrupted() && now < control_.end()) {
            result_.interrupted = true;
            control_.end_now(now);
        }
        if (!begun && now >= control_.begin()) {
            begun = true;
            begin_measuring();
        }
        if (now >= control_.end())
            break;
        show_progress(now);
        const auto next = begun ? control_.end() : std::min(control_.begin(), control_.end());
        timer.expires_at(std::min(next, now + beat));
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }
    if (begun)
        end_measuring();
    control_.note_done();
}

// Reads the server's clock and the number of replies together, so that they match even if this runs late.
void load_run::begin_measuring() {
    own_before_ = own_.now().value_or(own_before_);
    if (const auto used = server_ ? server_->now() : std::nullopt)
        server_before_ = {*used, replies()};
}

void load_run::end_measuring() {
    result_.processor = own_.now().value_or(own_before_) - own_before_;
    result_.measured = control_.end() - control_.begin();
    if (const auto used = server_before_ ? server_->now() : std::nullopt)
        result_.server = {*used - server_before_->processor, replies() - server_before_->replies};
}

std::uint64_t load_run::replies() {
    std::uint64_t all = 0;
    for (const auto& each : workers_)
        all += each->replies();
    return all;
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
