#pragma once

#include "support/random_interruption.hpp"
#include "support/random_rounds.hpp"

#include <boost/system/errc.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>

namespace fairlead::test {

/// One session at random: its limits, what its handler, its peer and its server do, and when. A derived class makes the session
/// and its input, and says what comes of it.
class random_conversation : protected random_interruption {
public:
    ~random_conversation() override = default;

    void run() {
        if (reads_slowly_)
            far_.read_at_most(random_.up_to(1'000));
        if (asked_ == place::stream)
            far_.at_operation(1 + random_.up_to(60), [this] { interrupt(interruption_, true); });
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
        expect_end();

        enter(sending::over);
        test::start(home_, count(finish_session(peer_)));
        far_.end();
        pass();
        EXPECT_EQ(running_, 0U) << "a coroutine outlives the session";
        EXPECT_TRUE(far_.closed());
        EXPECT_TRUE(peer_->handle().expired());
        expect_all_sent();
    }

protected:
    /// How the input ends; `last_bytes`: they say it themselves, and the connection stays.
    enum class end_of_input { end, failure, stop, close, abort, reset, broken_operation, last_bytes };

    random_conversation(shard& home, testkit::manual_clock& clock, unsigned seed, happenings& seen,
                        wire_format (*any_format)(choices&))
        : random_interruption{home, seed, seen, any_format}, clock_{clock}, incoming_{format_},
          forwards_{random_.one_in(3)}, reads_slowly_{random_.one_in(2)}, receiver_{home} {
        auto connection = testkit::make_memory_stream(home_);
        far_ = connection.far;
        near_ = std::move(connection.near);
    }

    virtual void expect_all_received() = 0; ///< called unless this program has ended the input
    virtual void expect_all_sent() = 0;
    virtual void input_cut(error_code /*why*/) {} ///< called if it has

    void choose_end() {
        how_ = random_.one_in(3) ? static_cast<end_of_input>(1 + random_.below(6)) : end_of_input::end;
        if (how_ == end_of_input::broken_operation) {
            sending_ = sending::cut;
            far_.fail_operation(1 + random_.up_to(60), make_error_code(boost::system::errc::connection_reset));
        }
    }

private:
    // --- the peer, and time

    void pass() {
        clock_.advance(a_while); // for those that sleep
        run_ready(home_);
    }

    void advance() {
        const std::size_t most = random_.one_of(std::array{1u, 3u, 500u, 10'000u, 200'000u});
        const std::size_t fragment = std::min(wire_.size() - delivered_, 1 + random_.below(most));
        ++steps_;
        far_.send(bytes_view{wire_}.from(delivered_).first(fragment));
        delivered_ += fragment;
        if (reads_slowly_)
            far_.read_at_most(random_.up_to(random_.one_in(2) ? 100 : 50'000));
        if (asked_ == place::outside && steps_ == interrupted_at_)
            interrupt(interruption_, true);
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
        case end_of_input::stop: return interrupt(interruption::drain, false);
        case end_of_input::close: return interrupt(interruption::close, false);
        case end_of_input::abort: return interrupt(interruption::abort, false);
        case end_of_input::reset: return interrupt(interruption::reset, false);
        case end_of_input::broken_operation: return far_.end();
        case end_of_input::last_bytes: return;
        }
    }

    void expect_end() {
        const error_code why = peer_->close_reason().code;
        if (end_ && how_ != end_of_input::broken_operation) {
            EXPECT_EQ(why, *end_);
        }
        if (end_ || (stop_asked_ && why == errc::stopping))
            input_cut(why);
        else if (sending_ != sending::cut) // and receiving with it
            expect_all_received();
    }

    // --- receiving

    boost::asio::awaitable<void> receive() {
        std::size_t received = 0;
        for (bool open = true; open;) {
            if (asked_ == place::handler && ++received == interrupted_at_)
                co_await interrupt_here();
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
                    next = co_await unless_cancelled(peer_->receive(a_while));
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

protected:
    testkit::manual_clock& clock_;
    incoming_model incoming_;
    const bool forwards_;     ///< each part goes out as it comes in
    const bool reads_slowly_; ///< the peer
    testkit::memory_peer far_ = testkit::make_memory_stream(home_).far;
    std::unique_ptr<stream> near_; ///< for the session
    std::string wire_;             ///< all that the peer sends
    std::size_t delivered_ = 0;    ///< bytes of it that it has sent
    end_of_input how_ = end_of_input::end;
    bool in_parts_ = false; ///< what was asked for last

private:
    cancellable receiver_;
};

} // namespace fairlead::test
