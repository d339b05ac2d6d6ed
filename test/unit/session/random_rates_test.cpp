// Peers that send messages in parts at a rate at random. A model says which of them are closed for `limits::min_rate`, and when.

#include "support/choices.hpp"
#include "support/random_rounds.hpp"
#include "support/session_fixture.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds tick{50};

/// How often something has happened that makes a difference.
struct rate_happenings {
    std::size_t closed = 0;     ///< sessions whose peer was too slow
    std::size_t was_short = 0;  ///< messages that came whole after more than half of the time was used up
    std::size_t worked = 0;     ///< waits of a handler for something else, inside of a message
    std::size_t held_back = 0;  ///< waits for the peer to take a reply, likewise
    std::size_t slow_whole = 0; ///< messages that took longer than `message_timeout`
};

/// One session whose handler receives parts, and the time that its peer has left for the next one.
class paced_conversation {
public:
    paced_conversation(shard& home, testkit::manual_clock& clock, unsigned seed, rate_happenings& seen)
        : home_{home}, clock_{clock}, random_{seed}, seen_{seen}, rate_{random_.one_of(std::array<std::size_t, 5>{
                                                                      0, 7, 100, 1'000, 50'000})},
          most_ticks_{random_.one_of(std::array{4.0, 20.0, 60.0})} {
        const limits bounds{.write_high_watermark = 1'000,
                            .first_message_timeout = {},
                            .message_timeout = static_cast<int>(most_ticks_) * tick,
                            .min_rate = rate_,
                            .idle_timeout = {},
                            .write_timeout = {}};
        auto connection = testkit::make_memory_stream(home_);
        far_ = connection.far;
        peer_ = make_session(core_of(home_), std::move(connection.near),
                             length_prefixed{{.width = 4, .max_message = 1 << 30, .max_in_parts = 1 << 30}},
                             std::make_shared<const limits>(bounds));
    }

    void run() {
        start(home_, receive());
        run_ready(home_);
        const double pace = random_.one_of(std::array{0.3, 0.9, 1.1, 1.5, 4.0});
        const std::size_t pause = 1 + random_.up_to(static_cast<std::size_t>(most_ticks_ / 2));
        for (std::size_t steps = 20 + random_.up_to(300); steps != 0 && state_ != state::ended; --steps) {
            if (random_.one_in(pause))
                send_some(pace * static_cast<double>(pause) * bytes_in_tick());
            if (random_.one_in(10))
                far_.read_at_most(random_.one_in(2) ? 0 : 100'000);
            pass();
        }
        if (state_ != state::ended)
            end_orderly();
        start(home_, finish_session(peer_));
        far_.end();
        for (int i = 0; i != 50; ++i)
            pass();
        EXPECT_TRUE(far_.closed());
    }

private:
    //  waiting ──a part──▶ working ──receive_part()──▶ waiting        waiting ──too slow, or the end──▶ ended
    enum class state { waiting, working, ended };

    double bytes_in_tick() const { return std::max(1.0, static_cast<double>(rate_) / 20); }

    // --- the peer

    void send_some(double mean) {
        std::size_t size = 1 + random_.up_to(static_cast<std::size_t>(2 * mean));
        std::string bytes;
        if (left_ == 0) {
            left_ = 1 + random_.up_to(static_cast<std::size_t>(bytes_in_tick() * most_ticks_ * 3));
            for (int shift = 24; shift >= 0; shift -= 8)
                bytes += static_cast<char>(left_ >> shift);
        }
        size = std::min(size, left_);
        left_ -= size;
        far_.send(bytes + std::string(size, 'x'));
    }

    void pass() {
        ++now_; // the handler may go on inside of `advance`
        clock_.advance(tick);
        run_ready(home_);
        if (state_ == state::waiting && inside_) {
            EXPECT_GT(spare_at(now_), -3.0) << "the peer is slow, and was not closed";
        }
    }

    /// The rest of the message comes at once, which is in time.
    void end_orderly() {
        far_.read_everything();
        if (left_ != 0)
            far_.send(std::string(std::exchange(left_, 0), 'x'));
        run_ready(home_);
        for (int i = 0; i != 10'000 && state_ == state::working; ++i)
            pass();
        ends_ = true;
        far_.end();
        for (int i = 0; i != 10'000 && state_ != state::ended; ++i)
            pass();
        EXPECT_EQ(state_, state::ended);
    }

    // --- the handler

    boost::asio::awaitable<void> receive() {
        for (std::size_t began = 0;;) {
            state_ = state::waiting;
            waits_since_ = now_;
            const auto part = co_await peer_->receive_part();
            if (inside_)
                spare_ = spare_at(now_);
            if (!part) {
                expect_reason(part.error());
                break;
            }
            state_ = state::working;
            if (!inside_) {
                began = now_;
                spare_ = least_ = most_ticks_;
            } else {
                EXPECT_GT(spare_, -3.0) << "a part came when the time was over";
                least_ = std::min(least_, spare_);
                const double earned = static_cast<double>(part->bytes.size()) / bytes_in_tick();
                spare_ = rate_ == 0 ? most_ticks_ : std::min(most_ticks_, spare_ + earned_by(earned));
            }
            inside_ = !part->last();
            if (!inside_) {
                seen_.was_short += least_ < most_ticks_ / 2 ? 1 : 0;
                seen_.slow_whole += static_cast<double>(now_ - began) > most_ticks_ ? 1 : 0;
            }
            co_await work();
        }
        state_ = state::ended;
    }

    /// Bytes of a rate below one a tick count by their fraction.
    double earned_by(double bytes_in_ticks) const {
        return rate_ < 20 ? bytes_in_ticks * 20 / static_cast<double>(rate_) : bytes_in_ticks;
    }

    boost::asio::awaitable<void> work() {
        const std::size_t before = now_;
        if (random_.one_in(6)) {
            co_await home_.sleep_for(tick * static_cast<int>(1 + random_.up_to(30)));
            seen_.worked += inside_ ? 1 : 0;
        }
        if (random_.one_in(6)) {
            peer_->send(std::string(2'000, 'r'));
            static_cast<void>(co_await peer_->flush());
            seen_.held_back += inside_ && now_ != before ? 1 : 0;
        }
    }

    void expect_reason(error_code why) {
        if (ends_) {
            EXPECT_EQ(why, errc::closed);
            return;
        }
        EXPECT_EQ(why, errc::message_timeout);
        EXPECT_TRUE(inside_);
        EXPECT_LE(spare_, 0.0) << "the peer was fast enough";
        ++seen_.closed;
    }

    /// The ticks that the peer has left, if the handler waits since `waits_since_`.
    double spare_at(std::size_t now) const { return spare_ - static_cast<double>(now - waits_since_); }

    shard& home_;
    testkit::manual_clock& clock_;
    choices random_;
    rate_happenings& seen_;
    const std::size_t rate_; // bytes a second; 0: the time is for each part
    const double most_ticks_;
    testkit::memory_peer far_ = testkit::make_memory_stream(home_).far;
    std::shared_ptr<session_impl> peer_;
    state state_ = state::working;
    std::size_t now_ = 0;         // in ticks
    std::size_t waits_since_ = 0; // likewise
    double spare_ = 0;            // ticks that the peer has left, when the wait began
    double least_ = 0;            // of this message
    std::size_t left_ = 0;        // bytes of the message that the peer has not sent
    bool inside_ = false;         // the handler has a part of a message, and not its last one
    bool ends_ = false;           // the peer has ended its side
};

} // namespace

class rates_at_random : public session_fixture {};

TEST_F(rates_at_random, close_slow_peers_in_time_and_no_others) {
    const auto rounds = static_cast<unsigned>(effort(sanitized ? 60 : 200, 50'000));
    rate_happenings seen;
    converse<paced_conversation>(home, clock, rounds, seen);
    expect_each_happens({seen.closed, seen.was_short, seen.worked, seen.held_back, seen.slow_whole}, rounds / 40);
}

} // namespace fairlead::test
