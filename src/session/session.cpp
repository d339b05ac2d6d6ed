#include <fairlead/session.hpp>

#include "core/next_id.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/shard_core.hpp"
#include "session/handle_state.hpp"

#include <boost/asio/post.hpp>

#include <ctime>
#include <utility>

namespace fairlead {

namespace {

// What one session may do before the others of its shard have their turn.
constexpr unsigned max_messages_per_turn = 1024;
constexpr std::chrono::milliseconds max_turn{5};

// The cheapest clock there is; it advances every few milliseconds.
std::chrono::nanoseconds coarse_now() noexcept {
    ::timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

} // namespace

session::session(shard_core& home, std::unique_ptr<stream> transport, framing rules, const limits& bounds)
    : session{home, std::move(transport), std::move(rules), std::make_shared<const limits>(bounds)} {}

session::session(shard_core& home, std::unique_ptr<stream> transport, framing rules,
                 std::shared_ptr<const limits> shared)
    : shutdown_hook{home}, shard_{home}, stream_{std::move(transport)}, framing_{std::move(rules)},
      input_{home.blocks()}, output_{home.blocks()}, limits_{std::move(shared)},
      deadlines_{*limits_, home.now()}, id_{next_id()}, began_{home.now()}, framing_has_header_{framing_.has_header()} {
    shard_.arm(*this, deadlines_.look_again(shard_.now()));
}

// Events of a stream may outlive it.
session::~session() {
    wait_no_more();
    if (link_)
        link_->ended = true;
}

boost::asio::awaitable<result<bytes_view>> session::receive() {
    while (event* const missing = poll_message()) {
        co_await missing->wait();
        begin_turn();
    }
    if (end_)
        co_return end_;
    co_return message_;
}

// Without a coroutine: to resume one for each message, and to have what that takes in the cache, costs more than most
// of what is done here. It is the last thing done in a turn: who waits for the end may let go of this.
void session::serve(message_handler& handle) {
    serving_ = &handle;
    try {
        for (;;) {
            if (event* const missing = poll_message())
                return missing->add(*this);
            if (end_)
                break;
            handle(message_, *this);
        }
    } catch (...) {
        thrown_ = std::current_exception();
    }
    serving_ = nullptr;
    may_go_on_.notify();
}

void session::leave(bool resumed) {
    if (!resumed)
        return;
    begin_turn();
    serve(*serving_);
}

void session::wait_no_more() noexcept {
    may_go_on_.remove(*this);
    stream_->readable().remove(*this);
}

bool session::served() {
    if (thrown_)
        std::rethrow_exception(std::exchange(thrown_, {}));
    return !serving_;
}

// Null once `message_` is the next message, or `end_` says why there is none; else what has to happen before.
event* session::poll_message() {
    for (;;) {
        if (turn_used_up())
            return &next_turn();
        if (over_soft_limit())
            write_queued();
        if (over_soft_limit() && !end_) {
            before_wait_until_sent();
            return &may_go_on_;
        }
        if (next_message())
            return nullptr;
        if (end_) {
            deadlines_.handles(shard_.now());
            return nullptr;
        }

        write_queued();
        if (over_soft_limit())
            continue;
        const std::size_t most = stopping_ ? stream::plenty : may_read();
        if (most == 0) {
            before_wait_for_memory();
            return &may_go_on_;
        }
        if (!fill(most) && !ends_instead_of_waiting()) {
            before_wait_for_bytes();
            return &stream_->readable();
        }
    }
}

std::optional<bytes_view> session::try_receive() {
    if (!turn_used_up() && !over_soft_limit() && next_message())
        return message_;
    return {};
}

// Whether `message_` is the next message; if not, more input is needed or `end_` says why there is none.
bool session::next_message() {
    while (!end_) {
        const bytes_view input = input_.data();
        if (input.empty() && !input_ended_)
            return false;
        auto step = framing_.decode(input);
        if (input_ended_ && step && !step->message && step->consumed == 0)
            step = framing_.finish(input);
        if (!step) {
            end_undecoded(step.error());
            return false;
        }
        input_.consume(step->consumed);
        if (step->message) {
            ++messages_this_turn_;
            skipping_ = false;
            message_ = *step->message;
            shard_.counters().messages_in.add();
            deadlines_.handles(shard_.now());
            return true;
        }
        if (step->consumed != 0) {
            skipping_ = true;
        } else {
            if (!input_ended_)
                return false;
            end_receiving(errc::closed);
        }
    }
    return false;
}

void session::end_undecoded(error_code why) {
    explanation_ = std::make_unique<const std::string>(framing_.explain(why, input_.data()));
    end_receiving(why);
}

// Whether there is something new to look at: bytes, or the end.
bool session::fill(std::size_t most) {
    // One more look after a stop takes what has arrived; a peer that sends without pause would never let us end.
    if (stopping_ && std::exchange(looked_after_stop_, true))
        return false;
    const auto filled = stream_->try_fill(input_, most);
    if (filled) {
        ++fills_this_turn_;
        shard_.counters().bytes_in.add(*filled);
        deadlines_.received(shard_.now());
        return true;
    }
    if (filled.error() == errc::would_block)
        return false;
    if (filled.error() == errc::closed)
        input_ended_ = true;
    else
        end_receiving(filled.error());
    return true;
}

bool session::ends_instead_of_waiting() {
    if (stopping_)
        end_receiving(errc::stopping);
    return stopping_;
}

void session::close() {
    closing_ = true;
    if (link_)
        link_->ended = true;
    if (end_)
        return;
    end_receiving(errc::closed);
    wake();
}

void session::drain() {
    stopping_ = true;
    stream_->look_again(); // for what has come and was not told of yet
    wake();
}

void session::abort(error_code why) {
    end_receiving(why);
    end_sending(why);
    stream_->close();
}

void session::end_receiving(error_code why) noexcept {
    if (!end_)
        end_ = why;
}

// Who waits in `receive` or `flush` looks again at the end of this turn.
void session::wake() noexcept {
    waking_ = true;
    shard_.at_end_of_turn(*this);
}

void session::end_of_turn() {
    const auto alive = weak_from_this().lock(); // who is woken may let go of this
    const bool wake = std::exchange(waking_, false);
    log_exceptions([this] { write_queued(); });
    if (wake) {
        may_go_on_.notify();
        stream_->readable().notify();
    }
}

// A coroutine that waits here would never be destroyed: the event, which it owns by way of this session, owns it. What
// was posted before, to wake this session, goes before what is posted here, and so before this session.
void session::on_shard_shutdown() {
    abort(errc::closed);
    wait_no_more();
    may_go_on_.notify_later(shard_.executor());
    stream_->readable().notify_later(shard_.executor());
    stream_->writable().notify_later(shard_.executor());
}

// Looks at the clock after the 1st, 4th and 16th message and then after every 16th.
bool session::looks_used_up() noexcept {
    if (messages_this_turn_ >= max_messages_per_turn || fills_this_turn_ >= max_fills_per_turn)
        return true;
    if (messages_this_turn_ == 1)
        turn_began_ = coarse_now();
    else if (coarse_now() - turn_began_ > max_turn)
        return true;
    look_at_ = messages_this_turn_ < 16 ? messages_this_turn_ * 4 : messages_this_turn_ + 16;
    return false;
}

// What to wait for so that others have their turn.
event& session::next_turn() {
    write_queued();
    shard_.set_running(0);
    boost::asio::post(shard_.executor(), [self = weak_from_this()] {
        if (const auto alive = self.lock())
            alive->may_go_on_.notify();
    });
    return may_go_on_;
}

} // namespace fairlead
