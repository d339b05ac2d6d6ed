#pragma once

#include "support/random_sender.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace fairlead::test {

/// A random sender whose program ends the session, or one direction of it, in the middle of its messages: between two turns, in the
/// handler, or inside an operation of the stream.
class random_interruption : protected random_sender {
protected:
    random_interruption(shard& home, unsigned seed, happenings& seen, wire_format (*any_format)(choices&))
        : random_sender{seed, seen, any_format}, home_{home} {
        if (random_.one_in(2))
            choose_interruption();
    }

    /// The session was stopped, if only after its input had ended.
    bool stop_asked() const { return stop_asked_; }
    bool was_interrupted() const { return interrupted_; }

    /// The output may have been ended before the input, or before a stop.
    bool has_ended_output_early() const {
        return interrupted_ && (interruption_ == interruption::shutdown || asked_ != place::outside);
    }

    enum class interruption { drain, shutdown, close, abort, reset };
    enum class place { nowhere, outside, handler, stream };

    void choose_interruption() {
        interruption_ = static_cast<interruption>(random_.below(5)); // drain, shutdown, …
        asked_ = static_cast<place>(1 + random_.below(3));
        if (asked_ == place::stream) // which has taken no byte of a message that is being sent
            interruption_ = random_.one_in(2) ? interruption::drain : interruption::abort;
        interrupted_at_ = 1 + random_.up_to(random_.one_in(2) ? 2 : 12);
    }

    /// Ends the session, or a direction of it. `early`: in the middle of its messages.
    void interrupt(interruption how, bool early) {
        const bool has_ended = peer_->has_received_all();
        interrupted_ |= early;
        const std::size_t counted = early && !has_ended ? 1 : 0;
        switch (how) {
        case interruption::drain:
            stop_asked_ = true;
            seen_.drained += counted;
            return peer_->drain();
        case interruption::shutdown: seen_.shut += counted; return test::start(home_, count(shut_down()));
        case interruption::close:
            seen_.closed_early += counted;
            end_input(errc::closed);
            enter(sending::over);
            return peer_->close();
        case interruption::abort:
        case interruption::reset:
            seen_.aborted_early += counted;
            end_input(errc::handler_timeout);
            enter(sending::cut);
            return how == interruption::abort ? peer_->abort(errc::handler_timeout)
                                              : peer_->reset(errc::handler_timeout);
        }
    }

    void end_input(error_code why) {
        if (!peer_->close_reason())
            end_ = why;
    }

    boost::asio::awaitable<void> shut_down() {
        enter(sending::ending);
        const auto done = co_await unless_cancelled(peer_->shutdown());
        EXPECT_TRUE(done || is_cancelled(done) || sending_ == sending::cut) << done.error().message();
        if (!done)
            co_return;
        EXPECT_TRUE(peer_->handle().expired());
        enter(sending::over);
    }

    /// In the handler.
    boost::asio::awaitable<void> interrupt_here() {
        if (interruption_ == interruption::shutdown && random_.one_in(2)) {
            interrupted_ = true;
            ++seen_.shut;
            co_await shut_down();
        } else if (interruption_ == interruption::close && random_.one_in(2)) {
            interrupted_ = true;
            ++seen_.closed_early;
            end_input(errc::closed);
            enter(sending::over);
            co_await peer_->close_gracefully();
            const auto state = co_await boost::asio::this_coro::cancellation_state;
            if (state.cancelled() != boost::asio::cancellation_type::none)
                enter(sending::cut);
            co_await boost::asio::this_coro::reset_cancellation_state();
        } else {
            interrupt(interruption_, true);
        }
    }

    /// Counts a coroutine while it runs.
    boost::asio::awaitable<void> count(boost::asio::awaitable<void> work) {
        ++running_;
        return count_until_end(std::move(work));
    }

    boost::asio::awaitable<void> count_until_end(boost::asio::awaitable<void> work) {
        co_await std::move(work);
        --running_;
    }

    shard& home_;
    interruption interruption_ = interruption::drain;
    place asked_ = place::nowhere;   ///< where it is asked for
    std::size_t interrupted_at_ = 0; ///< a step of the peer, or a call of the handler
    bool interrupted_ = false;
    bool stop_asked_ = false;
    std::optional<error_code> end_; ///< by this program, before the input had ended
    std::size_t running_ = 0;       ///< coroutines
};

} // namespace fairlead::test
