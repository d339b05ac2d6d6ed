// A cancelled `receive` loses nothing, whenever it is cancelled. The lint knows this file, for the library itself cancels
// nothing.

#include "support/effort.hpp"
#include "support/session_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <functional>
#include <optional>
#include <random>
#include <utility>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

/// Cancels one `receive` after the other while numbered messages arrive in fragments. Each `receive` has a coroutine of its
/// own.
class cancelled_receives : public session_fixture {
protected:
    using receive_function = std::function<boost::asio::awaitable<result<bytes_view>>(session&)>;

    static constexpr int most_cancellations = sanitized ? 20'000 : 100'000;
    static constexpr unsigned seed = 1981;

    /// When a `receive` is cancelled.
    enum class moment {
        before_it_begins,       // in the turn before
        after_it_has_begun,     // it waits, unless there was a message
        before_bytes_announced, // they come in the same turn
        after_bytes_announced,  // the same, the other way round
        as_its_limit_passes     // or while it waits, if it has none
    };
    static constexpr std::size_t moments = 5;

    struct attempt {
        bool ended = false;
        std::optional<std::string> message;
        error_code why;
    };

    static std::string text_of(std::size_t number) { return std::to_string(number) + std::string(number % 7, '.'); }

    static boost::asio::awaitable<void> receive_once(std::shared_ptr<session> peer, const receive_function& receive,
                                                     bool throws, attempt& now) {
        co_await boost::asio::this_coro::throw_if_cancelled(throws);
        co_await boost::asio::post(peer->shard().get_executor(), boost::asio::use_awaitable);
        const auto message = co_await receive(*peer);
        if (message)
            now.message = to_string(*message);
        else
            now.why = message.error();
    }

    void begin(const receive_function& receive, attempt& now) {
        const auto note = [&now](std::exception_ptr thrown) {
            now.ended = true;
            try {
                if (thrown)
                    std::rethrow_exception(thrown);
            } catch (const boost::system::system_error& failed) {
                now.why = failed.code();
            }
        };
        boost::asio::co_spawn(home.get_executor(), receive_once(peer, receive, random(2) == 0, now),
                              boost::asio::bind_cancellation_slot(cancel.slot(), note));
    }

    void emit() { cancel.emit(boost::asio::cancellation_type::terminal); }

    void emit_later() {
        boost::asio::post(home.get_executor(), [this] { emit(); });
    }

    void cancel_at(moment when) {
        if (when == moment::before_it_begins)
            return emit();
        run_ready(home);
        switch (when) {
        case moment::before_it_begins:
        case moment::after_it_has_begun: return emit();
        case moment::before_bytes_announced: emit_later(); return send_fragment();
        case moment::after_bytes_announced: send_fragment(); return emit_later();
        case moment::as_its_limit_passes: emit(); return clock.advance(150ms);
        }
    }

    /// Sends 1 to 12 bytes, which may be part of a message, or several of them.
    void send_fragment() {
        const std::size_t size = 1 + random(12);
        while (wire.size() < size)
            wire += frame(text_of(sent++));
        far.send(wire.substr(0, size));
        wire.erase(0, size);
    }

    /// A `receive` that was cancelled before it waits returns when it is woken.
    void finish(attempt& now) {
        run_ready(home);
        for (int i = 0; i < 10 && !now.ended; ++i) {
            send_fragment();
            run_ready(home);
        }
        ASSERT_TRUE(now.ended) << "it waits in vain";
        if (now.message) {
            ASSERT_EQ(*now.message, text_of(received)) << "lost, repeated or out of order";
            ++received;
        }
    }

    void receive_in_spite_of_cancellations(const receive_function& receive, int cancellations = most_cancellations) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        peer = make_session({.first_message_timeout = 0s, .message_timeout = 0s, .idle_timeout = 0s});
        std::array<int, moments> aborted{};
        std::array<int, moments> completed{};
        for (int i = 0; i < cancellations; ++i) {
            if (sent < received + 4 && random(3) == 0)
                send_fragment();
            const std::size_t when = random(moments);
            attempt now;
            begin(receive, now);
            cancel_at(static_cast<moment>(when));
            ASSERT_NO_FATAL_FAILURE(finish(now)) << "cancellation " << i;
            const bool cancelled = now.why == boost::asio::error::operation_aborted;
            ASSERT_TRUE(cancelled || now.message || now.why == errc::timed_out) << now.why.message();
            ++(cancelled ? aborted : completed)[when];
        }
        for (std::size_t when = 0; when < moments; ++when) {
            if (static_cast<moment>(when) != moment::as_its_limit_passes) {
                EXPECT_GT(aborted[when], cancellations / 100) << "moment " << when;
            }
            EXPECT_GT(completed[when], cancellations / 100) << "moment " << when;
        }
        expect_the_rest(receive);
    }

    void expect_the_rest(const receive_function& receive) {
        far.send(wire);
        far.end();
        for (attempt last; !last.why;) {
            last = {};
            begin(receive, last);
            ASSERT_NO_FATAL_FAILURE(finish(last));
            ASSERT_TRUE(last.message || last.why == errc::closed) << last.why.message();
        }
        EXPECT_EQ(received, sent);
    }

    /// The rest of a message, whose first parts an earlier call may have received.
    boost::asio::awaitable<result<bytes_view>> receive_in_parts(session& from) {
        if (std::exchange(joined, false))
            parts.clear();
        while (!joined) {
            const auto part = co_await from.receive_part();
            if (!part)
                co_return part.error();
            parts += to_string(part->bytes);
            joined = part->last();
        }
        co_return bytes_view{parts};
    }

    std::size_t random(std::size_t below) { return std::uniform_int_distribution<std::size_t>{0, below - 1}(engine); }

    std::mt19937 engine{seed};
    boost::asio::cancellation_signal cancel;
    std::shared_ptr<session> peer;
    std::string wire; // encoded and not sent yet
    std::size_t sent = 0;
    std::size_t received = 0;
    std::string parts;   // of a message
    bool joined = false; // and there is no more of it
};

} // namespace

TEST_F(cancelled_receives, lose_repeat_and_swap_no_message) {
    receive_in_spite_of_cancellations([](session& from) { return from.receive(); });
}

TEST_F(cancelled_receives, with_a_time_limit_lose_repeat_and_swap_no_message) {
    receive_in_spite_of_cancellations([](session& from) { return from.receive(100ms); });
}

TEST_F(cancelled_receives, of_parts_lose_repeat_and_swap_no_message) {
    receive_in_spite_of_cancellations([this](session& from) { return receive_in_parts(from); },
                                      effort(most_cancellations / 10, most_cancellations));
}

} // namespace fairlead::test
