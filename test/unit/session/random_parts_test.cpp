// Conversations in which all that may happen to messages in parts happens at random. Two models say what has to come of it.

#include "support/random_conversation.hpp"

namespace fairlead::test {

namespace {

/// One session over a framing at random.
class framed_conversation final : public random_conversation {
public:
    framed_conversation(shard& home, testkit::manual_clock& clock, unsigned seed, happenings& seen)
        : random_conversation{home, clock, seed, seen, wire_format::any} {
        peer_ = make_session(core_of(home), std::move(near_), format_.rules(), std::make_shared<const limits>(bounds_));
        for (std::size_t left = random_.up_to(15); left != 0; --left) {
            const std::string message = random_.text(format_.most);
            incoming_.add(message, 1 + message.size() / 100 + random_.size(60'000));
        }
        choose_end();
        wire_ = incoming_.wire();
        if (!random_.one_in(2))
            wire_.resize(random_.up_to(wire_.size()));
    }

private:
    void expect_all_received() override {
        const error_code why = peer_->close_reason().code;
        if (why == errc::message_too_large) {
            EXPECT_FALSE(in_parts_);
            EXPECT_GT(incoming_.next_size(), format_.most_whole);
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

    void expect_all_sent() override {
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
};

} // namespace

class parts_at_random : public session_fixture {};

TEST_F(parts_at_random, are_the_messages_that_were_sent_in_their_order) {
    const auto rounds = static_cast<unsigned>(effort(sanitized ? 100 : 500, 50'000));
    happenings seen;
    converse<framed_conversation>(home, clock, rounds, seen);
    expect_each_happens({seen.received_in_parts, seen.sent_in_parts, seen.waited_behind, seen.held_back,
                         seen.cut_in_parts, seen.left_open, seen.waited_to_begin, seen.cancelled},
                        rounds / 25);
    expect_each_happens({seen.drained, seen.shut, seen.refused_after, seen.closed_early, seen.aborted_early},
                        rounds / 60);
}

} // namespace fairlead::test
