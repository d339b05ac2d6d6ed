#pragma once

#include "support/cancellable.hpp"
#include "support/message_models.hpp"
#include "support/session_fixture.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/errc.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
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
};

/// One session at random: its limits, what its handler and its peer do, and when. A derived class makes the session and its
/// input, and says what comes of it.
class random_conversation {
public:
    virtual ~random_conversation() = default;

    void run() {
        if (reads_slowly_)
            far_.read_at_most(random_.up_to(1'000));
        receiver_.start(count(receive()));
        for (std::size_t senders = forwards_ ? 0 : random_.up_to(2); senders != 0; --senders)
            test::start(home_, count(send_some()));
        while (delivered_ < wire_.size())
            advance();
        end();
        far_.read_everything();
        for (int i = 0; i < 10'000 && running_ != waiting_rightly(); ++i)
            pass();
        EXPECT_EQ(running_, waiting_rightly()) << "a coroutine waits in vain";
        if (sending_ != sending::cut) // and receiving with it, in the middle
            expect_all_received();

        if (can_send())
            sending_ = sending::over;
        test::start(home_, count(finish_session(peer_)));
        far_.end();
        pass();
        EXPECT_EQ(running_, 0U) << "a coroutine outlives the session";
        expect_all_sent();
    }

protected:
    /// How the input ends; `last_bytes`: they say it themselves, and the connection stays.
    enum class end_of_input { end, failure, stop, close, abort, reset, broken_operation, last_bytes };

    //  possible ──close_gracefully()──▶ over: all that was sent still goes out
    //     └── close() · abort() · a failed write ──▶ cut
    enum class sending { possible, over, cut };

    random_conversation(shard& home, testkit::manual_clock& clock, unsigned seed, happenings& seen,
                        wire_format (*any_format)(choices&))
        : home_{home}, clock_{clock}, seen_{seen}, random_{seed}, format_{any_format(random_)}, incoming_{format_},
          outgoing_{format_}, forwards_{random_.one_in(3)}, reads_slowly_{random_.one_in(2)}, receiver_{home} {
        auto connection = testkit::make_memory_stream(home_);
        far_ = connection.far;
        near_ = std::move(connection.near);
        bounds_.write_high_watermark = random_.one_of(std::array{10u, 1'000u, 100'000u, 262'144u});
        bounds_.max_write_buffer = bounds_.write_high_watermark + random_.one_of(std::array{0u, 1'000u, 1'000'000u});
    }

    virtual void expect_all_received() = 0; ///< unless the end has cut it
    virtual void expect_all_sent() = 0;

    /// The protocol takes no more output, though the handler has not ended it.
    virtual bool output_closed() const { return false; }
    virtual bool is_sendable(bytes_view /*message*/) const { return true; } ///< but for its size
    virtual std::string message_to_send() { return random_.text(format_.most); }

    void choose_end() {
        how_ = random_.one_in(3) ? static_cast<end_of_input>(1 + random_.below(6)) : end_of_input::end;
        if (how_ == end_of_input::broken_operation) {
            sending_ = sending::cut;
            far_.fail_operation(1 + random_.up_to(60), make_error_code(boost::system::errc::connection_reset));
        }
    }

    bool can_send() const { return sending_ == sending::possible && !output_closed(); }

private:
    // --- the peer, and time

    void pass() {
        clock_.advance(std::chrono::milliseconds{50}); // for those that sleep
        run_ready(home_);
    }

    void advance() {
        const std::size_t most = random_.one_of(std::array{1u, 3u, 500u, 10'000u, 200'000u});
        const std::size_t fragment = std::min(wire_.size() - delivered_, 1 + random_.below(most));
        ++far_steps_;
        far_.send(bytes_view{wire_}.from(delivered_).first(fragment));
        delivered_ += fragment;
        if (reads_slowly_)
            far_.read_at_most(random_.up_to(random_.one_in(2) ? 100 : 50'000));
        if (random_.one_in(6))
            receiver_.cancel();
        if (random_.one_in(5))
            send_whole();
        if (!random_.one_in(4))
            run_ready(home_);
        if (random_.one_in(3))
            pass();
    }

    void end() {
        switch (how_) {
        case end_of_input::end: return far_.end();
        case end_of_input::failure: return far_.fail(make_error_code(boost::system::errc::connection_reset));
        case end_of_input::stop: return peer_->drain();
        case end_of_input::close: sending_ = sending::cut; return peer_->close();
        case end_of_input::abort: sending_ = sending::cut; return peer_->abort(errc::handler_timeout);
        case end_of_input::reset: sending_ = sending::cut; return peer_->reset(errc::handler_timeout);
        case end_of_input::broken_operation: return far_.end();
        case end_of_input::last_bytes: return;
        }
    }

    // --- receiving

    boost::asio::awaitable<void> receive() {
        for (bool open = true; open;) {
            if (incoming_.inside() && random_.one_in(5))
                expect_no_whole_message();
            EXPECT_EQ(peer_->receives_in_parts(), incoming_.inside());
            in_parts_ = incoming_.inside() || takes_parts();
            if (in_parts_) {
                const auto now = random_.one_in(2) ? peer_->try_receive_part() : std::nullopt;
                result<message_part> next = errc::would_block;
                if (now)
                    next = *now;
                else
                    next = co_await unless_cancelled(peer_->receive_part());
                open = next || is_cancelled(next) || next.error() == errc::timed_out;
                if (next)
                    co_await take_part(*next);
            } else {
                const auto now = random_.one_in(3) ? peer_->try_receive() : std::nullopt;
                result<bytes_view> next = errc::would_block;
                if (now)
                    next = *now;
                else if (random_.one_in(4))
                    next = co_await unless_cancelled(peer_->receive(std::chrono::milliseconds{50}));
                else
                    next = co_await unless_cancelled(peer_->receive());
                open = next || is_cancelled(next) || next.error() == errc::timed_out;
                if (next)
                    take_message(*next);
            }
            if (random_.one_in(20))
                co_await pause();
        }
    }

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
            co_await peer_->shard().sleep_for(std::chrono::milliseconds{50});
        } catch (const boost::system::system_error& failed) {
            EXPECT_EQ(failed.code(), boost::asio::error::operation_aborted);
        }
        co_await boost::asio::this_coro::reset_cancellation_state();
    }

    template <class T>
    static bool is_cancelled(const result<T>& of) {
        return !of && of.error() == boost::asio::error::operation_aborted;
    }

    /// Messages above the limit for whole ones are seldom asked for whole, which ends the session.
    bool takes_parts() {
        return forwards_ || (incoming_.next_size() > format_.most_whole ? !random_.one_in(6) : !random_.one_in(3));
    }

    void expect_no_whole_message() {
        if (peer_->has_received_all()) {
            EXPECT_FALSE(peer_->try_receive());
        } else {
            EXPECT_THROW(peer_->try_receive(), std::logic_error);
        }
    }

    void take_message(bytes_view message) {
        EXPECT_LE(message.size(), format_.most_whole);
        incoming_.take_message(message);
        if (random_.one_in(6))
            send_whole(message.first(random_.up_to(message.size())));
        if (random_.one_in(3))
            send_whole(message);
    }

    boost::asio::awaitable<void> take_part(message_part part) {
        const bool first = !incoming_.inside();
        incoming_.take_part(part);
        seen_.received_in_parts += part.last() && !first ? 1 : 0;
        if (forwards_) {
            const auto size = part.left ? std::optional{part.bytes.size() + *part.left} : std::nullopt;
            if (first)
                co_await begin(size);
            if (outgoing_.open())
                co_await send_part(part.bytes);
            if (outgoing_.open() && part.last())
                end_message();
        } else if (random_.one_in(5)) {
            send_whole(part.bytes);
        }
    }

    // --- sending

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
        if (!output_closed())
            outgoing_.part(part.text()); // before others go on
        const std::size_t before = far_steps_;
        const auto sent = co_await unless_cancelled(peer_->send_part(part));
        seen_.held_back += far_steps_ != before ? 1 : 0;
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
        if (sent) {
            EXPECT_TRUE(is_sendable(copy));
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
    std::size_t waiting_rightly() const { return left_open_ ? waiting_to_begin_ : 0; }

    boost::asio::awaitable<void> count(boost::asio::awaitable<void> work) {
        ++running_;
        return count_until_end(std::move(work));
    }

    boost::asio::awaitable<void> count_until_end(boost::asio::awaitable<void> work) {
        co_await std::move(work);
        --running_;
    }

protected:
    shard& home_;
    testkit::manual_clock& clock_;
    happenings& seen_;
    choices random_;
    const wire_format format_;
    incoming_model incoming_;
    outgoing_model outgoing_;
    const bool forwards_;     ///< each part goes out as it comes in
    const bool reads_slowly_; ///< the peer
    testkit::memory_peer far_ = testkit::make_memory_stream(home_).far;
    std::unique_ptr<stream> near_; ///< for the session
    limits bounds_{.first_message_timeout = {}, .message_timeout = {}, .idle_timeout = {}, .write_timeout = {}};
    std::shared_ptr<session_impl> peer_;
    std::string wire_;          ///< all that the peer sends
    std::size_t delivered_ = 0; ///< bytes of it that it has sent
    end_of_input how_ = end_of_input::end;
    sending sending_ = sending::possible;
    bool in_parts_ = false; ///< what was asked for last

private:
    cancellable receiver_;
    std::size_t far_steps_ = 0;
    std::size_t running_ = 0;
    std::size_t waiting_to_begin_ = 0;
    bool left_open_ = false; // a message was begun and is never ended
};

/// Holds one conversation for each seed, while nothing fails.
template <class Conversation, class Happenings>
void converse(shard& home, testkit::manual_clock& clock, unsigned rounds, Happenings& seen) {
    for (unsigned seed = 0; seed < rounds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Conversation{home, clock, seed, seen}.run();
        run_ready(home);
        EXPECT_EQ(core_of(home).blocks().leased(), 0U);
    }
}

} // namespace fairlead::test
