// Delivery of messages to a handler or to `receive`.

#include "core/cancellation.hpp"
#include "core/time_after.hpp"
#include "runtime/wait_in_frame.hpp"
#include "session/session_impl.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <cassert>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>

namespace fairlead {

/// Takes one message.
class session_impl::one_message final : public message_sink_for<one_message> {
public:
    using value = bytes_view;

    explicit one_message(session_impl& of) noexcept : message_sink_for{receive_unit::message, 1}, session_{of} {}

    bool take_message(bytes_view message) override {
        session_.deadlines_.handles(session_.shard_.now());
        session_.budget_.took_message();
        session_.count_messages_in(message.size());
        taken = message;
        return false;
    }

    std::optional<bytes_view> taken;

private:
    session_impl& session_;
};

/// Takes one part of a message, or a whole one of a channel that does not divide messages.
class session_impl::one_part final : public message_sink_for<one_part> {
public:
    using value = message_part;

    explicit one_part(session_impl& of) noexcept : message_sink_for{receive_unit::part, 1}, session_{of} {}

    void take_part(bytes_view part, std::optional<std::uint64_t> left) override {
        incoming_message& message = session_.parts().incoming;
        taken = message_part{part, left};
        message.received += part.size();
        session_.deadlines_.handles_part(part.size(), taken->last(), session_.shard_.now());
        session_.budget_.took_message();
        session_.finish_with_memory(); // another session may finish its message before this one has all its parts
        message.now = taken->last() ? incoming_message::state::none : incoming_message::state::begun;
        if (taken->last())
            session_.count_messages_in(std::exchange(message.received, 0));
    }

    bool take_message(bytes_view message) override {
        take_part(message, 0);
        return false;
    }

    std::optional<message_part> taken;

private:
    session_impl& session_;
};

/// Passes messages to a handler as long as the turn lasts.
class session_impl::delivery final : public message_sink_for<delivery> {
public:
    delivery(session_impl& of, message_handler& handle) noexcept : session_{of}, handle_{handle} {}
    delivery(const delivery&) = delete;
    delivery& operator=(const delivery&) = delete;
    ~delivery() { count(); }

    bool take_message(bytes_view message) override {
        if (message.size() != size_)
            begin_run(message.size());
        ++taken_;
        session_.budget_.took_message();
        handle_(message, session_);
        return !session_.budget_.must_look() || session_.may_take_more();
    }

private:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    // Messages of one size, one after the other, are counted together. No time passes for the deadlines
    // within a turn, so the first message is noted for all.
    [[gnu::noinline]] void begin_run(std::size_t size) noexcept {
        if (size_ == none)
            session_.deadlines_.handles(session_.shard_.now());
        count();
        size_ = size;
    }

    void count() noexcept {
        if (taken_ == 0)
            return;
        session_.count_messages_in(size_, std::exchange(taken_, 0));
    }

    session_impl& session_;
    message_handler& handle_;
    std::size_t size_ = none;
    std::uint64_t taken_ = 0; // of that size
};

/// The time limit of one `receive`.
class session_impl::time_limit final : private sleep_queue::sleeper {
public:
    time_limit(session_impl& of, std::chrono::milliseconds limit)
        : sleeper{time_after(of.shard_.steady_now(), limit)}, session_{of}, passed_{limit.count() <= 0} {
        if (!passed_)
            of.shard_.sleepers().add(*this);
    }
    time_limit(const time_limit&) = delete;
    time_limit& operator=(const time_limit&) = delete;
    ~time_limit() { session_.shard_.sleepers().remove(*this); }

    bool passed() const noexcept { return passed_; }

private:
    void wake_up() override {
        passed_ = true;
        session_.wake();
    }

    session_impl& session_;
    bool passed_;
};

boost::asio::awaitable<result<bytes_view>> session_impl::receive() {
    expect_whole_messages();
    return receive_within<one_message>(nullptr);
}

boost::asio::awaitable<result<bytes_view>> session_impl::receive(std::chrono::milliseconds limit) {
    expect_whole_messages();
    const time_limit until{*this, limit};
    co_return co_await receive_within<one_message>(&until);
}

boost::asio::awaitable<result<message_part>> session_impl::receive_part() {
    parts(); // before a part is taken off the input
    return receive_within<one_part>(nullptr);
}

void session_impl::expect_whole_messages() const {
    if (receiving_ != receive_state::ended && receives_in_parts())
        throw std::logic_error{"receive inside of a message in parts: call receive_part until its last part"};
}

// A message that arrives together with the time limit is in time, so `poll` comes before the check of the limit.
template <class One>
boost::asio::awaitable<result<typename One::value>> session_impl::receive_within(const time_limit* limit) {
    assert(waiting_ == wait::nothing && "one coroutine receives at a time");
    One next{*this};
    while (event* const missing = poll(next)) {
        if (limit && limit->passed() && waiting_ != wait::turn) {
            stop_waiting();
            co_return errc::timed_out;
        }
        try {
            co_await wait_in_frame(*missing);
        } catch (...) { // cancelled already
            stop_waiting();
            throw;
        }
        begin_turn();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state)) {
            stop_waiting();
            co_return error_code{boost::asio::error::operation_aborted};
        }
    }
    if (next.taken)
        co_return *next.taken;
    co_return why_ended();
}

boost::asio::awaitable<error_code> session_impl::ended() {
    expect_no_message();
    while (!parts_) {
        const auto message = co_await receive_within<one_message>(nullptr);
        if (!message)
            co_return message.error();
    }
    for (;;) { // the program uses parts
        const auto part = co_await receive_part();
        if (!part)
            co_return part.error();
    }
}

std::optional<bytes_view> session_impl::try_receive() {
    expect_whole_messages();
    return try_receive_next<one_message>();
}

std::optional<message_part> session_impl::try_receive_part() {
    parts();
    return try_receive_next<one_part>();
}

template <class One>
std::optional<typename One::value> session_impl::try_receive_next() {
    One next{*this};
    if (may_decode() && !turn_used_up() && !over_high_watermark())
        decode(next);
    return next.taken;
}

bool session_impl::stays_quiet() {
    constexpr std::size_t small = 1024;
    constexpr int many_reads = 16; // a peer that sends so much is not quiet
    bool quiet = true;
    input_ = input::unknown;
    for (int reads = 0; quiet; ++reads) {
        channel_->look_again();
        const auto filled = channel_->fill(small);
        if (!filled) {
            quiet = filled.error() == errc::would_block;
            break;
        }
        one_message unasked{*this};
        const auto outcome = channel_->receive(unasked);
        note_own_output();
        quiet = outcome && *outcome == receive_outcome::starved && !channel_->inside_message() && reads < many_reads;
    }
    channel_->park();
    return quiet;
}

// Works without a coroutine: resuming one for each message, with its frame in the cache, costs more than most
// of the work here. Must be the last call in a turn: a coroutine that waits for the end may release this.
void session_impl::serve(message_handler& handle) {
    expect_whole_messages();
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

void session_impl::stop_serving() noexcept {
    if (!std::exchange(serving_, nullptr))
        return;
    wait_no_more();
    stop_waiting();
}

bool session_impl::served() {
    if (thrown_)
        std::rethrow_exception(std::exchange(thrown_, {}));
    return !serving_;
}

} // namespace fairlead
