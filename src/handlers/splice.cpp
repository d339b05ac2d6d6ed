#include <fairlead/splice.hpp>

#include "core/cancellation.hpp"
#include "session/impl_behind.hpp"

#include <fairlead/session.hpp>
#include <fairlead/shard.hpp>
#include <fairlead/task_group.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/errc.hpp>

#include <exception>
#include <optional>
#include <stdexcept>

namespace fairlead {

namespace {

bool is_orderly(const error_code& end) {
    return end == errc::closed || end == errc::stopping;
}

bool is_refusal_of_framing(const error_code& why) {
    return why == errc::message_too_large || why == errc::malformed;
}

// Returns true if the peer had ended in order before and no longer takes bytes.
bool is_late(const error_code& why) {
    return why == boost::system::errc::broken_pipe;
}

// Sends a message even above the limit of the queue: it has been received and must not be lost.
result<void> send_over_limit(session& to, bytes_view message) {
    auto* const ours = dynamic_cast<session_impl*>(&to);
    return ours ? ours->enqueue(message) : to.send(message);
}

// Returns `to` if it takes parts. Returns null if it gets whole messages; the budget of buffers then counts
// them where they are received. A framing that needs the size of a message gets whole messages from a
// WebSocket, whose fragments do not have it.
session_impl* takes_parts(session& from, session& to) {
    auto* const ours = dynamic_cast<session_impl*>(&to);
    const bool passes = ours && ours->divides_messages() && !(from.websocket() && ours->needs_size());
    return passes ? ours : nullptr;
}

// Returns the size of the message that begins with a part, if it is known.
std::optional<std::uint64_t> size_of(const message_part& first) {
    return first.left ? std::optional{first.bytes.size() + *first.left} : std::nullopt;
}

// In many protocols the server speaks first.
void expect_no_first_message(session& peer) noexcept {
    if (auto* const ours = impl_behind(peer))
        ours->expect_no_message();
}

/// Two sessions that are joined.
class joint {
public:
    joint(session& first, session& second, splice_options options)
        : to_second_{first, second, takes_parts(first, second)}, to_first_{second, first, takes_parts(second, first)},
          options_{options} {}

    boost::asio::awaitable<splice_result> run() {
        const auto body = [this](task_group& tasks) { return run_directions(tasks); };
        try {
            co_await with_tasks(3, body);
        } catch (...) {
            if (!is_end_of_cancelled(std::current_exception())) {
                fail_both(errc::connection_lost);
                throw;
            }
            note(boost::asio::error::operation_aborted);
        }
        co_return splice_result{to_second_.passed, to_first_.passed, failure_};
    }

private:
    //  receiving ⇄ sending ──▶ ended
    enum class phase : std::uint8_t { receiving, sending, ended };

    //  open ──error──▶ failed: one session is reset, or both
    //    └──Close of a WebSocket──▶ closed: it ends both directions (RFC 6455, section 5.5.1)
    enum class state : std::uint8_t { open, failed, closed };

    struct direction {
        session& from;
        session& to;
        session_impl* const in_parts; // `to`; null: it gets messages whole
        spliced_messages passed = {};
        phase now = phase::receiving;
    };

    boost::asio::awaitable<void> run_directions(task_group& tasks) {
        co_await tasks.start(run_one(to_second_, to_first_));
        co_await tasks.start(run_one(to_first_, to_second_));
        while (is_open(to_second_) && is_open(to_first_))
            co_await tasks.wait_any();
        if (options_.half_closed_timeout.count() != 0) {
            if (is_open(to_second_))
                co_await tasks.start(watch(to_second_));
            if (is_open(to_first_))
                co_await tasks.start(watch(to_first_));
        }
        while (state_ != state::closed && (is_open(to_second_) || is_open(to_first_)))
            co_await tasks.wait_any();
        tasks.cancel();
    }

    static bool is_open(const direction& one) noexcept { return one.now != phase::ended; }

    boost::asio::awaitable<void> run_one(direction& one, const direction& reverse) {
        const error_code end = co_await pass_on(one);
        if (end == boost::asio::error::operation_aborted) {
            if (state_ == state::open)
                note(end);
        } else if (state_ == state::failed) { // this side was reset for the other
        } else if (one.now == phase::receiving) {
            co_await pass_end_on(one, end);
        } else if (is_refusal_of_framing(end) || !is_open(reverse)) {
            fail_both(end);
        } else {
            note(end); // the other direction may have an answer yet, and tells how this side has ended
        }
        one.now = phase::ended;
    }

    boost::asio::awaitable<void> pass_end_on(direction& one, const error_code& end) {
        if (!is_orderly(end) || (failure_ && !is_late(failure_))) {
            fail(end, one.to);
            co_return;
        }
        one.now = phase::sending;
        co_await one.to.shutdown();
        if (one.from.websocket())
            state_ = state::closed;
    }

    /// Returns why no more can be passed on.
    boost::asio::awaitable<error_code> pass_on(direction& one) {
        for (bool inside = continues_message(one);;) {
            auto next = one.in_parts ? one.from.try_receive_part() : one.from.session::try_receive_part();
            if (!next) {
                one.now = phase::sending;
                const auto flushed = co_await one.to.flush();
                if (!flushed)
                    co_return flushed.error();
                one.now = phase::receiving;
                const auto received = co_await receive(one);
                const bool cut = !received && inside && is_orderly(received.error()); // a stop is no end of a message
                if (!received)
                    co_return cut ? errc::truncated : received.error();
                next = *received;
            }
            one.now = phase::sending;
            // Behind a message of another coroutine, a whole one would wait in memory.
            bool whole = !inside && next->last() && !has_open_message(one);
            auto sent = whole ? one.to.send(next->bytes) : result<void>{};
            const bool full = !sent && sent.error() == errc::send_queue_full;
            if (full)
                sent = send_over_limit(one.to, next->bytes);
            if (one.in_parts && !sent && sent.error() == errc::message_too_large) // to be sent whole
                whole = false;
            if (!whole && !inside)
                sent = co_await begin_message(one.to, *next);
            if (!sent)
                co_return sent.error();
            if (!whole)
                sent = co_await send_part(one.to, *next);
            if (!sent && sent.error() != boost::asio::error::operation_aborted) // the part is queued before the wait
                co_return sent.error();
            inside = !next->last();
            one.passed.bytes += next->bytes.size();
            if (next->last())
                ++one.passed.messages;
            if (full)
                sent = co_await one.to.flush();
            if (!sent)
                co_return sent.error();
        }
    }

    // The default in `session` receives whole messages.
    static boost::asio::awaitable<result<message_part>> receive(direction& one) {
        return one.in_parts ? one.from.receive_part() : one.from.session::receive_part();
    }

    static bool has_open_message(const direction& one) noexcept {
        return one.in_parts && one.in_parts->sends_in_parts();
    }

    // Returns true after a splice that was cancelled inside of a message.
    static bool continues_message(const direction& one) noexcept {
        const auto* const source = impl_behind(one.from);
        return source && source->receives_in_parts() && has_open_message(one);
    }

    // If this is cancelled while another coroutine sends in parts, the part that has been received cannot be sent.
    boost::asio::awaitable<result<void>> begin_message(session& to, message_part first) {
        const auto begun = co_await to.begin_message(size_of(first));
        if (!begun && begun.error() == boost::asio::error::operation_aborted)
            fail_both(errc::connection_lost);
        co_return begun;
    }

    static boost::asio::awaitable<result<void>> send_part(session& to, message_part part) {
        const auto sent = co_await to.send_part(part.bytes);
        const bool queued = sent || sent.error() == boost::asio::error::operation_aborted;
        if (queued && part.last()) {
            const auto ended = to.end_message();
            if (!ended)
                co_return ended;
        }
        co_return sent;
    }

    /// Fails both sessions once `one` has been silent for too long. While it sends, `limits::write_timeout`
    /// runs instead.
    boost::asio::awaitable<void> watch(const direction& one) {
        for (;;) {
            const auto before = one.passed;
            co_await one.from.shard().sleep_for(options_.half_closed_timeout);
            if (one.now == phase::receiving && one.passed == before)
                co_return fail_both(errc::idle_timeout);
        }
    }

    void note(const error_code& why) {
        if (!failure_)
            failure_ = why;
    }

    /// Resets `innocent`. The other session has failed, and may still have its last messages to send.
    void fail(const error_code& why, session& innocent) {
        note(why);
        state_ = state::failed;
        innocent.reset(errc::connection_lost);
    }

    void fail_both(const error_code& why) {
        note(why);
        state_ = state::failed;
        to_second_.from.reset(why);
        to_second_.to.reset(why);
    }

    direction to_second_, to_first_;
    const splice_options options_;
    error_code failure_;
    state state_ = state::open;
};

} // namespace

void validate(const splice_options& options) {
    if (options.half_closed_timeout.count() < 0)
        throw std::invalid_argument{"splice: half_closed_timeout is below 0 ms; 0 is no limit"};
}

boost::asio::awaitable<splice_result> splice(session& first, session& second, splice_options options) {
    validate(options);
    expect_no_first_message(first);
    expect_no_first_message(second);
    joint both{first, second, options};
    co_return co_await both.run();
}

boost::asio::awaitable<splice_result> splice(session& first, session& second) {
    return splice(first, second, splice_options());
}

} // namespace fairlead
