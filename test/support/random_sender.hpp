#pragma once

#include "support/cancellable.hpp"
#include "support/message_models.hpp"
#include "support/session_fixture.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

namespace fairlead::test {

/// How often something has happened that makes a difference.
struct happenings {
    std::size_t received_in_parts = 0; ///< messages, of more than one part
    std::size_t sent_in_parts = 0;     ///< likewise
    std::size_t waited_behind = 0;     ///< whole messages behind one in parts
    std::size_t waited_to_begin = 0;   ///< messages in parts likewise
    std::size_t held_back = 0;         ///< parts that the peer did not take at once
    std::size_t cut_in_parts = 0;      ///< messages that the peer did not end
    std::size_t left_open = 0;         ///< messages that the session did not end
    std::size_t cancelled = 0;         ///< calls of the handler
    std::size_t drained = 0;           ///< sessions that were stopped in the middle
    std::size_t shut = 0;              ///< those that ended their sending direction in the middle
    std::size_t refused_after = 0;     ///< messages behind that end, or one of the two below
    std::size_t closed_early = 0;      ///< sessions that were closed in the middle
    std::size_t aborted_early = 0;     ///< those that were aborted or reset in the middle
};

/// What a coroutine sleeps, and a step of the clock.
inline constexpr std::chrono::milliseconds a_while{50};

/// Sends whole messages and messages in parts at random, from coroutines which may be cancelled, and notes what the peer must
/// get of them.
class random_sender {
public:
    random_sender(const random_sender&) = delete;
    random_sender& operator=(const random_sender&) = delete;
    virtual ~random_sender() = default;

protected:
    //  possible ──shutdown()──▶ ending: possible until the handle has expired
    //     └────────────┴── close(), or shutdown() has returned ──▶ over: all that was sent still goes out
    //                  └── abort() · a failed write ──▶ cut
    enum class sending { possible, ending, over, cut };

    random_sender(unsigned seed, happenings& seen, wire_format (*any_format)(choices&))
        : seen_{seen}, random_{seed}, format_{any_format(random_)}, outgoing_{format_} {
        bounds_.write_high_watermark = random_.one_of(std::array{10u, 1'000u, 100'000u, 262'144u});
        bounds_.linger_timeout = std::chrono::milliseconds{random_.one_of(std::array{0, 2'000})};
        bounds_.max_write_buffer = bounds_.write_high_watermark + random_.one_of(std::array{0u, 1'000u, 1'000'000u});
    }

    /// The protocol takes no more output, though the handler has not ended it.
    virtual bool output_closed() const { return false; }
    virtual bool is_sendable(bytes_view /*message*/) const { return true; } ///< but for its size
    virtual std::string message_to_send() { return random_.text(format_.most); }

    bool can_send() const {
        const bool open = sending_ == sending::possible || (sending_ == sending::ending && !peer_->handle().expired());
        return open && !output_closed();
    }

    void enter(sending next) { sending_ = std::max(sending_, next); }

    boost::asio::awaitable<void> send_some() {
        for (std::size_t left = random_.up_to(8); left != 0 && can_send(); --left) {
            if (random_.one_in(3))
                send_whole();
            else
                co_await send_in_parts();
            if (random_.one_in(6)) {
                const auto flushed = co_await peer_->flush();
                EXPECT_TRUE(flushed || !can_send());
            }
        }
    }

    boost::asio::awaitable<void> send_in_parts() {
        const std::string message = message_to_send();
        const bool announces = format_.announces_sizes() || random_.one_in(2);
        const auto size = announces ? std::optional<std::uint64_t>{message.size()} : std::nullopt;
        const bool begun = co_await begin(size);
        if (!begun)
            co_return;
        std::size_t parts = 0;
        for (std::size_t sent = 0; sent < message.size() || random_.one_in(10);) {
            const std::size_t next = std::min(random_.size(300'000), message.size() - sent);
            if (announces && random_.one_in(10))
                co_await send_too_much(message.size() - sent);
            const bytes_view part = bytes_view{message}.from(sent).first(next);
            co_await send_part(part);
            sent += next;
            if (random_.one_in(10))
                send_whole();
            if (random_.one_in(10))
                co_await pause();
            if (random_.one_in(30) && sent < message.size()) { // and never ends it
                ++seen_.left_open;
                left_open_ = true;
                co_return;
            }
            ++parts;
        }
        seen_.sent_in_parts += parts > 1 ? 1 : 0;
        end_message();
    }

    boost::asio::awaitable<bool> begin(std::optional<std::uint64_t> size) {
        ++waiting_to_begin_;
        seen_.waited_to_begin += outgoing_.open() ? 1 : 0;
        const auto begun = co_await unless_cancelled(peer_->begin_message(size));
        --waiting_to_begin_;
        EXPECT_TRUE(begun || is_cancelled(begun) || !can_send()) << begun.error().message();
        if (begun)
            outgoing_.begin(size.value_or(0));
        co_return begun.has_value();
    }

    boost::asio::awaitable<void> send_part(bytes_view part) {
        if (can_send() || (sending_ == sending::cut && !output_closed()))
            outgoing_.part(part.text()); // before others go on
        const std::size_t before = steps_;
        const auto sent = co_await unless_cancelled(peer_->send_part(part));
        seen_.held_back += steps_ != before ? 1 : 0;
        EXPECT_TRUE(sent || is_cancelled(sent) || !can_send()) << sent.error().message();
    }

    boost::asio::awaitable<void> send_too_much(std::size_t left) {
        const auto sent = co_await peer_->send_part(std::string(left + 1, 'x'));
        EXPECT_TRUE(!sent && (sent.error() == errc::message_too_large || !can_send()));
        if (left != 0) {
            const auto ended = peer_->end_message();
            EXPECT_TRUE(!ended && (ended.error() == errc::truncated || !can_send()));
        }
    }

    void end_message() {
        const auto ended = peer_->end_message();
        EXPECT_TRUE(ended || !can_send()) << ended.error().message();
        if (ended)
            outgoing_.end();
        else
            left_open_ = true;
    }

    void send_whole() { send_whole(message_to_send()); }

    void send_whole(bytes_view message) {
        const std::size_t queued = peer_->queued();
        const std::string copy = to_string(message); // it may be written over where it stands
        const auto sent = peer_->send(message);
        seen_.refused_after += !sent && sending_ != sending::possible ? 1 : 0;
        if (sent) {
            EXPECT_TRUE(is_sendable(copy));
            EXPECT_NE(sending_, sending::over) << "a message was taken behind the end";
            seen_.waited_behind += outgoing_.open() && format_.divides_messages() ? 1 : 0;
            return outgoing_.send(copy);
        }
        if (!can_send())
            return;
        if (sent.error() == errc::send_queue_full) {
            EXPECT_GT(queued + message.size(), bounds_.max_write_buffer);
        } else if (message.size() > format_.most_whole) {
            EXPECT_EQ(sent.error(), errc::message_too_large);
        } else {
            EXPECT_EQ(sent.error(), errc::malformed);
            EXPECT_FALSE(is_sendable(copy));
        }
    }

    /// Coroutines that wait to begin a message, and have to: the one before is not ended.
    std::size_t waiting_rightly() const { return left_open_ && sending_ != sending::over ? waiting_to_begin_ : 0; }

    // --- calls that may be cancelled

    /// The coroutine goes on when the call was cancelled.
    template <class T>
    boost::asio::awaitable<T> unless_cancelled(boost::asio::awaitable<T> call) {
        T done = co_await std::move(call);
        co_await boost::asio::this_coro::reset_cancellation_state();
        seen_.cancelled += is_cancelled(done) ? 1 : 0;
        co_return done;
    }

    boost::asio::awaitable<void> pause() {
        try {
            co_await peer_->shard().sleep_for(a_while);
        } catch (const boost::system::system_error& failed) {
            EXPECT_EQ(failed.code(), boost::asio::error::operation_aborted);
        }
        co_await boost::asio::this_coro::reset_cancellation_state();
    }

    template <class T>
    static bool is_cancelled(const result<T>& of) {
        return !of && of.error() == boost::asio::error::operation_aborted;
    }

    happenings& seen_;
    choices random_;
    const wire_format format_;
    outgoing_model outgoing_;
    limits bounds_{.first_message_timeout = {}, .message_timeout = {}, .idle_timeout = {}, .write_timeout = {}};
    std::shared_ptr<session_impl> peer_;
    sending sending_ = sending::possible;
    std::size_t steps_ = 0; ///< of the peer

private:
    std::size_t waiting_to_begin_ = 0;
    bool left_open_ = false; // a message was begun and is never ended
};

} // namespace fairlead::test
