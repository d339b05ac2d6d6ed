// Conversations in which all that may happen to messages in parts happens at random. Two models say what has to come of it.

#include "support/effort.hpp"
#include "support/message_models.hpp"
#include "support/session_fixture.hpp"

#include <boost/system/errc.hpp>

#include <array>
#include <stdexcept>
#include <utility>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

/// How often something has happened that makes a difference.
struct happenings {
    std::size_t received_in_parts = 0; ///< messages, of more than one part
    std::size_t sent_in_parts = 0;     ///< likewise
    std::size_t waited_behind = 0;     ///< whole messages behind one in parts
    std::size_t waited_to_begin = 0;   ///< messages in parts likewise
    std::size_t held_back = 0;         ///< parts that the peer did not take at once
    std::size_t cut_in_parts = 0;      ///< messages that the peer did not end
    std::size_t left_open = 0;         ///< messages that the session did not end
};

/// One session at random: its framing, limits and messages, what it does, and how it ends.
class conversation {
public:
    conversation(shard& home, testkit::manual_clock& clock, unsigned seed, happenings& seen)
        : home_{home}, clock_{clock}, seen_{seen}, random_{seed}, format_{wire_format::any(random_)},
          incoming_{format_}, outgoing_{format_}, forwards_{random_.one_in(3)}, reads_slowly_{random_.one_in(2)} {
        auto connection = testkit::make_memory_stream(home);
        far_ = connection.far;
        limits bounds{.first_message_timeout = 0s, .message_timeout = 0s, .idle_timeout = 0s, .write_timeout = 0s};
        bounds.write_high_watermark = random_.one_of(std::array{10u, 1'000u, 100'000u, 262'144u});
        bounds.max_write_buffer = bounds.write_high_watermark + random_.one_of(std::array{0u, 1'000u, 1'000'000u});
        most_queued_ = bounds.max_write_buffer;
        peer_ = make_session(core_of(home), std::move(connection.near), format_.rules(),
                             std::make_shared<const limits>(bounds));
        for (std::size_t left = random_.up_to(15); left != 0; --left) {
            const std::string message = random_.text(format_.most);
            incoming_.add(message, 1 + message.size() / 100 + random_.size(60'000));
        }
    }

    void run() {
        if (reads_slowly_)
            far_.read_at_most(random_.up_to(1'000));
        start(receive());
        for (std::size_t senders = forwards_ ? 0 : random_.up_to(2); senders != 0; --senders)
            start(send_some());
        for (std::size_t before_end = when_it_ends(); delivered_ < before_end;)
            advance(before_end);
        end();
        far_.read_everything();
        for (int i = 0; i < 10'000 && running_ != waiting_rightly(); ++i)
            pass();
        EXPECT_EQ(running_, waiting_rightly()) << "a coroutine waits in vain";
        expect_all_received();

        if (can_send())
            sending_ = sending::over;
        start(finish_session(peer_));
        far_.end();
        pass();
        EXPECT_EQ(running_, 0U) << "a coroutine outlives the session";
        expect_all_sent();
    }

private:
    /// How the input ends.
    enum class end_of_input { end, failure, stop, close, abort, reset, broken_operation };

    //  possible ──close_gracefully()──▶ over: all that was sent still goes out
    //     └── close() · abort() · a failed write ──▶ cut
    enum class sending { possible, over, cut };

    std::size_t when_it_ends() {
        how_ = random_.one_in(3) ? static_cast<end_of_input>(1 + random_.below(6)) : end_of_input::end;
        if (how_ == end_of_input::broken_operation) {
            sending_ = sending::cut;
            far_.fail_operation(1 + random_.up_to(60), make_error_code(boost::system::errc::connection_reset));
        }
        const std::size_t all = incoming_.wire().size();
        return random_.one_in(2) ? all : random_.up_to(all);
    }

    // --- the peer, and time

    void pass() {
        clock_.advance(50ms); // for those that sleep
        run_ready(home_);
    }

    void advance(std::size_t before_end) {
        const std::size_t most = random_.one_of(std::array{1u, 3u, 500u, 10'000u, 200'000u});
        const std::size_t fragment = std::min(before_end - delivered_, 1 + random_.below(most));
        ++far_steps_;
        far_.send(bytes_view{incoming_.wire()}.from(delivered_).first(fragment));
        delivered_ += fragment;
        if (reads_slowly_)
            far_.read_at_most(random_.up_to(random_.one_in(2) ? 100 : 50'000));
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
                    next = co_await peer_->receive_part();
                open = next.has_value();
                if (open)
                    co_await take_part(*next);
            } else {
                const auto now = random_.one_in(3) ? peer_->try_receive() : std::nullopt;
                result<bytes_view> next = errc::would_block;
                if (now)
                    next = *now;
                else if (random_.one_in(4))
                    next = co_await peer_->receive(50ms);
                else
                    next = co_await peer_->receive();
                open = next || next.error() == errc::timed_out;
                if (next)
                    take_message(*next);
            }
            if (random_.one_in(20))
                co_await peer_->shard().sleep_for(50ms);
        }
    }

    /// Messages above the limit for whole ones are seldom asked for whole, which ends the session.
    bool takes_parts() {
        return forwards_ || (incoming_.next_size() > format_.most_whole ? !random_.one_in(20) : !random_.one_in(3));
    }

    void expect_no_whole_message() {
        if (peer_->has_received_all()) {
            EXPECT_FALSE(peer_->try_receive());
        } else {
            EXPECT_THROW(peer_->try_receive(), std::logic_error);
        }
    }

    void take_message(bytes_view message) {
        incoming_.take_message(message);
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
        const std::string message = random_.text(format_.most);
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
                co_await peer_->shard().sleep_for(50ms);
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
        const auto begun = co_await peer_->begin_message(size);
        --waiting_to_begin_;
        EXPECT_TRUE(begun || !can_send()) << begun.error().message();
        if (begun)
            outgoing_.begin(size.value_or(0));
        co_return begun.has_value();
    }

    boost::asio::awaitable<void> send_part(bytes_view part) {
        outgoing_.part(part.text()); // before others go on
        const std::size_t before = far_steps_;
        const auto sent = co_await peer_->send_part(part);
        seen_.held_back += far_steps_ != before ? 1 : 0;
        EXPECT_TRUE(sent || !can_send()) << sent.error().message();
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
    }

    void send_whole() { send_whole(random_.text(format_.most)); }

    void send_whole(bytes_view message) {
        const std::size_t queued = peer_->queued();
        const std::string copy = to_string(message); // it may be written over where it stands
        const auto sent = peer_->send(message);
        if (sent) {
            seen_.waited_behind += outgoing_.open() && format_.divides_messages() ? 1 : 0;
            return outgoing_.send(copy);
        }
        if (!can_send())
            return;
        if (sent.error() == errc::send_queue_full) {
            EXPECT_GT(queued + message.size(), most_queued_);
        } else {
            EXPECT_EQ(sent.error(), errc::message_too_large);
            EXPECT_GT(message.size(), format_.most_whole);
        }
    }

    /// Coroutines that wait to begin a message, and have to: the one before is not ended.
    std::size_t waiting_rightly() const { return left_open_ ? waiting_to_begin_ : 0; }

    bool can_send() const { return sending_ == sending::possible; }

    // --- the outcome

    void expect_all_received() {
        const error_code why = peer_->close_reason().code;
        if (sending_ == sending::cut) // and receiving with it, in the middle
            return;
        if (why == errc::message_too_large) {
            EXPECT_FALSE(in_parts_);
            EXPECT_GT(incoming_.next_size(), format_.most_whole);
            return;
        }
        if (how_ == end_of_input::stop) { // one more look is taken at what has come
            EXPECT_EQ(why, errc::stopping);
            return;
        }
        incoming_.expect_all_of(delivered_, in_parts_);
        const bool whole = incoming_.is_whole(delivered_);
        if (how_ == end_of_input::failure) {
            EXPECT_EQ(why, boost::system::errc::connection_reset);
        } else {
            EXPECT_EQ(why, whole ? errc::closed : errc::truncated);
        }
        EXPECT_FALSE(whole && incoming_.inside());
        seen_.cut_in_parts += incoming_.inside() ? 1 : 0;
        if (format_.kind != wire_format::layout::raw) {
            EXPECT_EQ(peer_->counts().messages_in, incoming_.received());
        }
    }

    void expect_all_sent() {
        const std::string got = far_.received();
        if (sending_ == sending::cut) {
            EXPECT_TRUE(outgoing_.bytes().starts_with(got)) << "the peer got what nobody sent";
            return;
        }
        EXPECT_TRUE(got == outgoing_.bytes())
            << "the peer got " << got.size() << " bytes, not " << outgoing_.bytes().size();
        EXPECT_EQ(peer_->counts().messages_out, outgoing_.messages());
        EXPECT_EQ(peer_->counts().bytes_out, got.size());
    }

    void start(boost::asio::awaitable<void> work) {
        ++running_;
        test::start(home_, [](boost::asio::awaitable<void> each, std::size_t& running) -> boost::asio::awaitable<void> {
            co_await std::move(each);
            --running;
        }(std::move(work), running_));
    }

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
    std::shared_ptr<session_impl> peer_;
    std::size_t most_queued_ = 0;
    std::size_t far_steps_ = 0;
    std::size_t delivered_ = 0; ///< bytes that the peer has sent
    end_of_input how_ = end_of_input::end;
    sending sending_ = sending::possible;
    bool in_parts_ = false; ///< what was asked for last
    std::size_t running_ = 0;
    std::size_t waiting_to_begin_ = 0;
    bool left_open_ = false; ///< a message was begun and is never ended
};

} // namespace

class parts_at_random : public session_fixture {};

TEST_F(parts_at_random, are_the_messages_that_were_sent_in_their_order) {
    const auto rounds = static_cast<unsigned>(effort(sanitized ? 100 : 500, 50'000));
    happenings seen;
    for (unsigned seed = 0; seed < rounds && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        conversation{home, clock, seed, seen}.run();
        run_ready(home);
        EXPECT_EQ(core_of(home).blocks().leased(), 0U);
    }
    if (HasFailure())
        return;
    for (const std::size_t each : {seen.received_in_parts, seen.sent_in_parts, seen.waited_behind, seen.held_back,
                                   seen.cut_in_parts, seen.left_open, seen.waited_to_begin})
        EXPECT_GT(each, rounds / 25) << "one of them hardly happens";
}

} // namespace fairlead::test
