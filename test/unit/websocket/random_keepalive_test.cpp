// WebSockets whose peers are silent at random. A model says when a session asks whether its peer is there, and when it gives up.

#include "session/opening_session.hpp"
#include "support/choices.hpp"
#include "support/random_rounds.hpp"
#include "support/session_fixture.hpp"
#include "support/websocket_output.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

namespace {

namespace wire = websocket_wire;
using websocket_wire::fin;
using websocket_wire::opcode;

constexpr std::chrono::milliseconds tick{50};

/// How often something has happened that makes a difference.
struct keepalive_happenings {
    std::size_t pinged = 0;
    std::size_t pinged_again = 0; ///< after an answer
    std::size_t missing = 0;      ///< sessions that were closed for want of an answer
    std::size_t worked = 0;       ///< waits of the handler for something else, longer than the idle timeout
    std::size_t inside = 0;       ///< silences inside of a message, longer than the idle timeout
};

/// One session over a WebSocket, and how long no byte has moved.
class silent_conversation {
public:
    silent_conversation(shard& home, testkit::manual_clock& clock, unsigned seed, keepalive_happenings& seen)
        : home_{home}, clock_{clock}, random_{seed}, seen_{seen}, idle_ticks_{random_.one_of(
                                                                      std::array<std::size_t, 4>{3, 10, 20, 41})} {
        const limits bounds{.first_message_timeout = {},
                            .message_timeout = {},
                            .idle_timeout = static_cast<int>(idle_ticks_) * tick,
                            .write_timeout = {}};
        auto connection = testkit::make_memory_stream(home_);
        far_ = connection.far;
        const auto made = std::make_shared<opening_session>(core_of(home_), std::move(connection.near),
                                                            std::make_shared<const limits>(bounds));
        made->go_on(std::make_unique<websocket_channel>(nullptr, rules_, websocket_info{}, core_of(home_).blocks(),
                                                        bytes_view{}));
        peer_ = made;
    }

    void run() {
        start(home_, receive());
        run_ready(home_);
        const std::size_t pause = 1 + random_.up_to(2 * idle_ticks_);
        answers_ = !random_.one_in(3);
        for (std::size_t steps = 20 + random_.up_to(200); steps != 0 && state_ != state::ended; --steps) {
            if (random_.one_in(pause))
                act();
            pass();
        }
        const bool missed = state_ == state::ended;
        const bool reads = state_ == state::waiting;
        seen_.missing += missed ? 1 : 0;
        test::start(home_, finish_session(peer_));
        far_.end();
        run_ready(home_); // before time passes, in which an answer may be missed
        for (int i = 0; i != 300 && !(far_.closed() && state_ == state::ended); ++i) {
            clock_.advance(tick);
            run_ready(home_);
        }
        EXPECT_TRUE(far_.closed());
        EXPECT_EQ(state_, state::ended);
        expect_all(missed, reads);
    }

private:
    //  waiting ──a message──▶ working ──receive()──▶ waiting        waiting ──idle──▶ ended
    enum class state { waiting, working, ended };
    enum class question { none, asked };

    std::string frame_of(unsigned first, const std::string& payload) const {
        return wire::head(first, payload.size(), "mask") + wire::masked(payload, "mask");
    }

    void act() {
        switch (random_.below(5)) {
        case 0: return send(frame_of(fin | opcode::ping, std::to_string(++asked_)));
        case 1: return send(frame_of(fin | opcode::pong, "unasked"));
        case 2:
            peer_->send("notice");
            ++notices_;
            return;
        default:
            if (inside_)
                send(frame_of(fin | opcode::continuation, "end"));
            else if (random_.one_in(4))
                send(frame_of(opcode::binary, "begin"));
            else
                send(frame_of(fin | opcode::binary, "whole"));
        }
    }

    void send(const std::string& bytes) {
        const unsigned first = static_cast<unsigned char>(bytes.front());
        if ((first & 0xF) <= opcode::binary) {
            if (!inside_)
                began_ = now_;
            else
                seen_.inside += now_ - began_ > idle_ticks_ + 3 ? 1 : 0;
            inside_ = (first & fin) == 0;
        }
        far_.send(bytes);
        question_ = question::none;
        silent_since_ = now_;
    }

    /// What the peer sends now arrives at the time that comes.
    void pass() {
        run_ready(home_);
        note_output();
        ++now_; // the handler may go on inside of `advance`
        clock_.advance(tick);
        run_ready(home_);
        note_output();
        expect_in_time();
    }

    void note_output() {
        const std::string bytes = far_.take();
        if (bytes.empty())
            return;
        const websocket_output output = websocket_output::read(bytes, rules_);
        for (std::size_t i = 0; i != output.pings.size(); ++i)
            note_ping();
        silent_since_ = now_;
        for (const std::string& each : output.pongs)
            EXPECT_EQ(each, std::to_string(++answered_));
        if (!output.pings.empty() && answers_ && !random_.one_in(8))
            send(frame_of(fin | opcode::pong, ""));
    }

    void note_ping() {
        EXPECT_EQ(state_, state::waiting) << "the peer was not waited for";
        EXPECT_FALSE(inside_);
        EXPECT_EQ(question_, question::none) << "asked twice without an answer";
        EXPECT_GE(2 * (now_ - silent_since_), idle_ticks_) << "asked too early";
        question_ = question::asked;
        seen_.pinged_again += pings_++ != 0 ? 1 : 0;
        ++seen_.pinged;
    }

    void expect_in_time() {
        const std::size_t silent = now_ - silent_since_;
        if (state_ == state::ended) {
            EXPECT_EQ(peer_->close_reason().code, errc::idle_timeout);
            EXPECT_EQ(question_, question::asked) << "closed without a question";
            EXPECT_GE(silent, idle_ticks_) << "closed too early";
        } else if (state_ == state::waiting && !inside_) {
            EXPECT_LE(silent, idle_ticks_ + 2) << "closed too late";
            if (question_ == question::none) {
                EXPECT_LE(2 * silent, idle_ticks_ + 5) << "asked too late";
            }
        }
    }

    void expect_all(bool missed, bool reads) {
        const websocket_output output = websocket_output::read(far_.received(), rules_);
        EXPECT_EQ(output.messages().size(), notices_);
        ASSERT_TRUE(output.close);
        EXPECT_EQ(output.close->substr(0, 2), wire::number(missed ? 1001 : 1000, 2));
        if (reads) {
            EXPECT_EQ(output.pongs.size(), asked_);
        }
    }

    boost::asio::awaitable<void> receive() {
        for (;;) {
            state_ = state::waiting;
            silent_since_ = now_;
            const auto message = co_await peer_->receive();
            if (!message)
                break;
            state_ = state::working;
            if (random_.one_in(5)) {
                const std::size_t long_time = 1 + random_.up_to(2 * idle_ticks_ + 4);
                seen_.worked += long_time > idle_ticks_ + 3 ? 1 : 0;
                co_await home_.sleep_for(tick * static_cast<int>(long_time));
            }
        }
        state_ = state::ended;
    }

    shard& home_;
    testkit::manual_clock& clock_;
    choices random_;
    keepalive_happenings& seen_;
    const websocket_rules rules_{.role = websocket_role::server, .messages = websocket_messages::binary};
    const std::size_t idle_ticks_;
    testkit::memory_peer far_ = testkit::make_memory_stream(home_).far;
    std::shared_ptr<session_impl> peer_;
    state state_ = state::working;
    question question_ = question::none;
    std::size_t now_ = 0;          // in ticks
    std::size_t silent_since_ = 0; // likewise: a byte has moved, or the wait began
    std::size_t began_ = 0;        // the message of the peer
    std::size_t pings_ = 0;        // of the session
    std::size_t asked_ = 0;        // pings of the peer
    std::size_t answered_ = 0;     // of them
    std::size_t notices_ = 0;      // messages of the session
    bool inside_ = false;          // the peer has not ended its message
    bool answers_ = true;          // the peer, mostly
};

} // namespace

class keepalive_at_random : public session_fixture {};

TEST_F(keepalive_at_random, asks_silent_peers_and_closes_those_that_do_not_answer) {
    const auto rounds = static_cast<unsigned>(effort(sanitized ? 60 : 300, 50'000));
    keepalive_happenings seen;
    converse<silent_conversation>(home, clock, rounds, seen);
    expect_each_happens({seen.pinged, seen.pinged_again, seen.missing, seen.worked, seen.inside}, rounds / 40);
}

} // namespace fairlead::test
