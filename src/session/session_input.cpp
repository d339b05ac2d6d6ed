// How a session receives.

#include "log/log_exceptions.hpp"
#include "session/session_impl.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <ctime>
#include <utility>

namespace fairlead {

namespace {

// What a session that holds nothing may read when nothing is left of the budget: enough for a small message, too little
// to matter.
constexpr std::size_t small_read = 1024;

// How long a session waits that may not read for want of memory.
constexpr ticks memory_pause{4};

// The cheapest clock there is; it advances every few milliseconds.
turn_budget::time coarse_now() noexcept {
    ::timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::chrono::seconds{now.tv_sec} + turn_budget::time{now.tv_nsec / 1'000'000};
}

/// Takes one message.
class one_message final : public message_sink {
public:
    one_message(session_deadlines& deadlines, turn_budget& budget, shard_core& home) noexcept
        : deadlines_{deadlines}, budget_{budget}, shard_{home} {}

    bool take(bytes_view message) override {
        deadlines_.handles(shard_.now());
        budget_.took_message();
        shard_.counters().messages_in.add();
        taken = message;
        return false;
    }

    std::optional<bytes_view> taken;

private:
    session_deadlines& deadlines_;
    turn_budget& budget_;
    shard_core& shard_;
};

} // namespace

/// Gives messages to a handler as long as the turn lasts.
class session_impl::delivery final : public message_sink {
public:
    delivery(session_impl& of, message_handler& handle) noexcept : session_{of}, handle_{handle} {}
    delivery(const delivery&) = delete;
    delivery& operator=(const delivery&) = delete;
    ~delivery() { session_.shard_.counters().messages_in.add(taken_); }

    // No time passes for the deadlines within a turn, so the first message is noted for all.
    bool take(bytes_view message) override {
        if (taken_++ == 0)
            session_.deadlines_.handles(session_.shard_.now());
        session_.budget_.took_message();
        handle_(message, session_);
        return session_.receiving_ != receive_state::ended && !session_.over_high_watermark() &&
               !session_.turn_used_up();
    }

private:
    session_impl& session_;
    message_handler& handle_;
    std::uint64_t taken_ = 0;
};

/// The time limit of one `receive`.
class session_impl::time_limit final : private deadline {
public:
    time_limit(session_impl& of, std::chrono::milliseconds limit) noexcept : session_{of}, passed_{limit.count() <= 0} {
        if (!passed_)
            of.shard_.arm(*this, due_after(of.shard_.now(), limit));
    }

    bool passed() const noexcept { return passed_; }

private:
    void on_deadline(ticks) override {
        passed_ = true;
        session_.wake();
    }

    session_impl& session_;
    bool passed_;
};

boost::asio::awaitable<result<bytes_view>> session_impl::receive() {
    one_message next{deadlines_, budget_, shard_};
    while (event* const missing = poll(next)) {
        co_await missing->wait();
        begin_turn();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none) {
            stop_waiting();
            co_return error_code{boost::asio::error::operation_aborted};
        }
    }
    if (next.taken)
        co_return *next.taken;
    co_return end_;
}

// A message that came together with the time limit came in time, so each look comes before the limit is asked.
boost::asio::awaitable<result<bytes_view>> session_impl::receive(std::chrono::milliseconds limit) {
    const time_limit until{*this, limit};
    one_message next{deadlines_, budget_, shard_};
    while (event* const missing = poll(next)) {
        if (until.passed() && waiting_ != wait::turn) {
            stop_waiting();
            co_return errc::timed_out;
        }
        co_await missing->wait();
        begin_turn();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (state.cancelled() != boost::asio::cancellation_type::none) {
            stop_waiting();
            co_return error_code{boost::asio::error::operation_aborted};
        }
    }
    if (next.taken)
        co_return *next.taken;
    co_return end_;
}

std::optional<bytes_view> session_impl::try_receive() {
    one_message next{deadlines_, budget_, shard_};
    if (receiving_ != receive_state::ended && !turn_used_up() && !over_high_watermark())
        decode(next);
    return next.taken;
}

// Without a coroutine: resuming one for each message, and having its frame in the cache, costs more than most of what is
// done here. It is the last thing done in a turn: a coroutine that waits for the end may release this.
void session_impl::serve(message_handler& handle) {
    serving_ = &handle;
    caller_ = caller::serving;
    try {
        delivery each{*this, handle};
        for (;;) {
            if (event* const missing = poll(each)) {
                caller_ = caller::other;
                return missing->add(*this);
            }
            if (receiving_ == receive_state::ended)
                break;
        }
    } catch (...) {
        thrown_ = std::current_exception();
    }
    caller_ = caller::other;
    serving_ = nullptr;
    if (queued_ != 0)
        shard_.at_end_of_turn(*this);
    may_go_on_.notify();
}

void session_impl::leave(bool resumed) {
    if (!resumed)
        return;
    begin_turn();
    serve(*serving_);
}

bool session_impl::served() {
    if (thrown_)
        std::rethrow_exception(std::exchange(thrown_, {}));
    return !serving_;
}

// Null once `to` wants no more, or `end_` says why there is no more; else what has to happen first.
event* session_impl::poll(message_sink& to) {
    for (;;) {
        if (turn_used_up())
            return &wait_for(wait::turn);
        if (over_high_watermark())
            write_queued();
        if (over_high_watermark() && receiving_ != receive_state::ended)
            return &wait_for(wait::writable);
        if (receiving_ != receive_state::ended && decode(to))
            return nullptr;
        if (receiving_ == receive_state::ended) {
            deadlines_.handles(shard_.now());
            return nullptr;
        }

        write_queued();
        if (over_high_watermark())
            continue;
        const std::size_t most = receiving_ == receive_state::open ? may_read() : stream::plenty;
        if (most == 0)
            return &wait_for(wait::memory);
        if (fill(most))
            continue;
        if (receiving_ == receive_state::open)
            return &wait_for(wait::bytes);
        enter(receive_state::ended, errc::stopping);
    }
}

// Whether `to` wants no more; if not, more input is needed or `end_` says why there is none.
bool session_impl::decode(message_sink& to) {
    const auto outcome = channel_.receive(to);
    if (!outcome) {
        end_undecoded(outcome.error());
        return false;
    }
    if (*outcome == receive_outcome::ended)
        enter(receive_state::ended, errc::closed);
    return *outcome == receive_outcome::stopped;
}

void session_impl::end_undecoded(error_code why) {
    explanation_ = std::make_unique<const std::string>(channel_.explain(why));
    enter(receive_state::ended, why);
}

// Whether there is something new to look at: bytes, or the end.
bool session_impl::fill(std::size_t most) {
    // One more look after a stop takes what has arrived; a peer that sends without pause would never let us end.
    if (receiving_ == receive_state::drained)
        return false;
    if (receiving_ == receive_state::draining)
        enter(receive_state::drained);
    const auto filled = channel_.fill(most);
    if (filled) {
        budget_.filled();
        shard_.counters().bytes_in.add(*filled);
        deadlines_.received(shard_.now());
        return true;
    }
    if (filled.error() == errc::would_block)
        return false;
    if (filled.error() != errc::closed)
        enter(receive_state::ended, filled.error());
    return true;
}

// As much as comes while enough of the budget is left; a little, whatever other sessions hold, if this one holds nothing;
// nothing if it holds more than is left.
std::size_t session_impl::may_read() const noexcept {
    const std::size_t held = channel_.held();
    if (held < shard_.blocks().left())
        return stream::plenty;
    return held == 0 ? small_read : 0;
}

event& session_impl::wait_for(wait reason) {
    waiting_ = reason;
    shard_.set_running(0);
    switch (reason) {
    case wait::turn:
        write_queued();
        boost::asio::post(shard_.executor(), [self = weak_from_this()] {
            if (const auto alive = self.lock())
                alive->may_go_on_.notify();
        });
        return may_go_on_;
    case wait::writable:
        channel_.park();
        deadlines_.holds_back(shard_.now());
        shard_.counters().held_back.add();
        return may_go_on_;
    case wait::memory:
        channel_.park();
        deadlines_.receives(shard_.now(), channel_.inside_message());
        shard_.arm(*this, std::min(shard_.now() + memory_pause, deadlines_.look_again(shard_.now())));
        shard_.counters().held_for_memory.add();
        return may_go_on_;
    default:
        channel_.park();
        deadlines_.receives(shard_.now(), channel_.inside_message());
        return channel_.readable();
    }
}

void session_impl::stop_waiting() noexcept {
    waiting_ = wait::nothing;
    shard_.set_running(id_);
    deadlines_.stops_waiting(shard_.now());
}

void session_impl::begin_turn() noexcept {
    budget_.begin();
    waiting_ = wait::nothing;
    shard_.set_running(id_);
}

bool session_impl::turn_used_up() noexcept {
    return budget_.must_look() && budget_.used_up(coarse_now());
}

} // namespace fairlead
