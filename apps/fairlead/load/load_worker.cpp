#include "load/load_worker.hpp"

#include "load/datagram_lane.hpp"
#include "load/stream_lane.hpp"

#include "start_advice.hpp"

#include <fairlead/connect.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace fairlead::command {

namespace {

constexpr std::chrono::milliseconds beat{50};

// While messages are due and no connection has room, `offer` sends them; the timer only checks again after this time.
constexpr std::chrono::milliseconds behind_pause{50};

// The wait for replies after an interruption.
constexpr std::chrono::milliseconds patience{300};

std::unique_ptr<lane> make_lane(load_worker& owner, std::size_t id) {
    if (owner.plan().target(id).transport == transport::udp)
        return std::make_unique<datagram_lane>(owner, id);
    return std::make_unique<stream_lane>(owner, id);
}

} // namespace

load_worker::load_worker(const load_plan& plan, const payload& messages, load_control& control, shard& home,
                         std::size_t index, bool watched)
    : plan_{plan}, messages_{messages}, control_{control}, shard_{home}, watched_{watched}, index_{index}, next_{
                                                                                                               index} {
    if (plan.rate)
        schedule_.emplace(static_cast<double>(*plan.rate), plan.ramp_up);
    for (std::size_t id = index; id < plan.connections; id += plan.threads)
        lanes_.push_back(make_lane(*this, id));
}

load_worker::~load_worker() = default;

void load_worker::start() {
    for (const auto& each : lanes_)
        spawn(each->run());
    if (schedule_)
        spawn(keep_rate());
    spawn(look_after_lanes());
}

void load_worker::spawn(boost::asio::awaitable<void> part) {
    boost::asio::co_spawn(shard_.get_executor(), std::move(part), [this](std::exception_ptr thrown) {
        if (thrown)
            control_.fail(thrown);
    });
}

boost::asio::awaitable<void> load_worker::pause_until(time_point when) {
    boost::asio::steady_timer timer{shard_.get_executor(), when};
    error_code cancelled;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
}

// One timer for all lanes, instead of one for each message.
boost::asio::awaitable<void> load_worker::look_after_lanes() {
    for (;;) {
        const auto now = clock::now();
        if (is_over(now))
            end();
        for (const auto& each : lanes_)
            each->sweep(now);
        if (watched_)
            show();
        give_up_in_time(now);
        if (over_ && busy_ == 0)
            break;
        const auto end = control_.end();
        co_await pause_until(end > now ? std::min(end, now + beat) : now + beat);
    }
    control_.note_done();
}

void load_worker::give_up_in_time(time_point now) {
    if (!over_ || !control_.is_interrupted())
        return;
    if (!patience_ends_)
        patience_ends_ = now + patience;
    if (now < *patience_ends_)
        return;
    for (const auto& each : lanes_)
        each->give_up();
}

boost::asio::awaitable<void> load_worker::keep_rate() {
    boost::asio::steady_timer timer{shard_.get_executor()};
    error_code cancelled;
    pacing_ = &timer;
    while (!over_) {
        const auto now = clock::now();
        send_due(now);
        if (is_over(now)) {
            end();
            break;
        }
        timer.expires_at(std::min(control_.end(), behind_ ? now + behind_pause : next_due()));
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }
    pacing_ = nullptr;
}

load_worker::time_point load_worker::next_due() const noexcept {
    return control_.start() + schedule_->due(next_);
}

void load_worker::offer(lane& free, time_point now) {
    if (!free.offered && free.has_room()) {
        free.offered = true;
        offered_.push_back(&free);
    }
    if (!behind_ || over_)
        return;
    send_due(now);
    if (!behind_ && pacing_)
        pacing_->cancel(); // wakes `keep_rate`, to wait for the next due time
}

void load_worker::send_due(time_point now) {
    const auto end = control_.end();
    behind_ = false;
    std::size_t left = burst;
    for (auto due = next_due(); due <= now && due < end && left-- != 0; due = next_due()) {
        while (!offered_.empty() && !offered_.front()->has_room()) { // its connection has ended
            offered_.front()->offered = false;
            offered_.pop_front();
        }
        if (offered_.empty()) {
            behind_ = true;
            if (now >= control_.begin())
                drop_what_was_due_before_the_begin();
            return;
        }
        lane& turn = *offered_.front();
        offered_.pop_front();
        turn.send(due, now);
        next_ += plan_.threads;
        turn.offered = turn.has_room();
        if (turn.offered)
            offered_.push_back(&turn);
    }
}

void load_worker::end() {
    if (std::exchange(over_, true))
        return;
    if (schedule_)
        count_unsent();
    for (const auto& each : lanes_)
        each->stop();
}

std::uint64_t load_worker::share_before(time_point time) const noexcept {
    return command::share_before(schedule_->due_before(time - control_.start()), index_, plan_.threads);
}

// Otherwise a server that does not keep up would spend the measured time on messages of the warm-up.
void load_worker::drop_what_was_due_before_the_begin() noexcept {
    const std::uint64_t sent = command::share_before(next_, index_, plan_.threads);
    const std::uint64_t before = share_before(control_.begin());
    if (sent >= before)
        return;
    counts_.dropped += before - sent;
    next_ += (before - sent) * plan_.threads;
}

// Unsent messages count with the time for which they have waited; without them, a server that stalls until
// the end would look fast. There may be a billion of them, so their latencies are computed without a loop
// over them; the rate is constant within the measured time.
void load_worker::count_unsent() {
    const auto end = control_.end();
    if (end <= control_.begin())
        return;
    drop_what_was_due_before_the_begin();
    const std::uint64_t due = share_before(end);
    const std::uint64_t sent = command::share_before(next_, index_, plan_.threads);
    counts_.due = due - share_before(control_.begin());
    counts_.unsent = due - std::min(sent, due);
    counts_.latency.note_evenly(end - next_due(), schedule_->gap() * static_cast<double>(plan_.threads),
                                counts_.unsent);
}

void load_worker::show() {
    const std::lock_guard locked{mutex_};
    shown_ = counts_;
}

void load_worker::add_shown(tally& to) const {
    const std::lock_guard locked{mutex_};
    to.add(shown_);
}

void load_worker::note_not_connected(std::size_t lane_id, const error_code& why, bool first) {
    const url& target = plan_.target(lane_id);
    counts_.note(load_error::connect, 1, [&] {
        counts_.start_advice = start_advice(target, why);
        return "cannot connect to " + target.to_string() + ": " + describe(target, why);
    });
    if (first)
        control_.note_failed_start(clock::now());
}

std::string load_worker::named(std::size_t lane_id, const std::string& event) const {
    return plan_.target(lane_id).to_string() + ", connection " + std::to_string(lane_id + 1) + ": " + event;
}

} // namespace fairlead::command
