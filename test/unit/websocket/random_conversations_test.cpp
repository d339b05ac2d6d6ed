// Conversations over a WebSocket in which all that its peer and its handler may do happens at random. Models say what has to
// come of it.

#include "core/utf8_check.hpp"
#include "support/random_conversation.hpp"
#include "support/random_frames.hpp"
#include "support/websocket_output.hpp"
#include "websocket/websocket_channel.hpp"

namespace fairlead::test {

namespace {

namespace wire = websocket_wire;
using websocket_wire::fin;
using websocket_wire::opcode;

struct websocket_happenings : happenings {
    std::size_t pongs = 0;
    std::size_t closed = 0;   ///< by a Close of the peer
    std::size_t refused = 0;  ///< frames of the peer
    std::size_t enlarged = 0; ///< messages above the limit of whole ones, which were asked for whole
};

/// One session over a WebSocket, of a server or of a client. Its models write a message as chunks: each frame is one.
class websocket_conversation final : public random_conversation {
public:
    websocket_conversation(shard& home, testkit::manual_clock& clock, unsigned seed, websocket_happenings& seen)
        : random_conversation{home, clock, seed, seen, any_limits}, seen_{seen},
          rules_{.role = random_.one_in(3) ? websocket_role::client : websocket_role::server,
                 .messages = random_.one_in(3) ? websocket_messages::text : websocket_messages::binary,
                 .max_message = format_.most_whole,
                 .max_in_parts = format_.most} {
        for (std::size_t left = random_.up_to(10); left != 0; --left)
            add_message();
        choose_end();
        wire_ = incoming_.wire();
        if (how_ == end_of_input::end && !random_.one_in(3))
            end_by_frame();
        else if (random_.one_in(2))
            wire_.resize(random_.up_to(wire_.size()));
        messages_end_ = std::min(messages_end_, wire_.size());
        delivered_ = random_.one_in(4) ? random_.up_to(std::min<std::size_t>(wire_.size(), 3'000)) : 0;
        auto channel = std::make_unique<websocket_channel>(std::move(near_), rules_, websocket_info{},
                                                           core_of(home).blocks(), bytes_view{wire_}.first(delivered_));
        peer_ = make_session(core_of(home), std::move(channel), std::make_shared<const limits>(bounds_));
    }

private:
    static wire_format any_limits(choices& random) {
        wire_format chosen{.kind = wire_format::layout::chunks};
        if (random.one_in(3))
            chosen.most = 1 + random.size(5'000);
        chosen.most_whole =
            random.one_in(2) ? 1 + random.size(std::min<std::size_t>(chosen.most, 40'000) - 1) : chosen.most;
        return chosen;
    }

    // --- what the peer sends

    /// Text with characters of several bytes, which fragments and parts cut anywhere.
    std::string any_text() {
        std::string made = random_.text(format_.most);
        const std::string character = random_.one_in(2) ? "\xE2\x82\xAC" : "\xF0\x9F\x98\x80";
        const std::size_t step = character.size() + random_.below(30);
        for (std::size_t i = random_.below(5); i + character.size() <= made.size(); i += step)
            made.replace(i, character.size(), character);
        return made;
    }

    /// A ping or a pong, which begins there on the wire.
    std::string any_control(std::size_t at) {
        std::string payload = random_.one_in(8) ? "" : std::to_string(pings_.size());
        if (random_.one_in(10))
            payload.resize(125, 'p');
        const bool asks = !random_.one_in(4);
        std::string bytes = frames_.frame(fin | (asks ? opcode::ping : opcode::pong), payload);
        if (asks)
            pings_.push_back({at + bytes.size(), payload});
        return bytes;
    }

    void add_message() {
        const bool is_text = rules_.messages == websocket_messages::text || random_.one_in(2);
        const unsigned kind = is_text ? opcode::text : opcode::binary;
        const std::string message = is_text ? any_text() : random_.text(format_.most);
        const std::size_t begin = incoming_.wire().size();
        std::string bytes;
        for (std::size_t sent = 0, size = 0; places_.back().inside != opcode::continuation || bytes.empty();
             sent += size) {
            const std::size_t rest = message.size() - sent;
            size = random_.one_in(2) ? rest : std::min(rest, message.size() / 20 + random_.size(60'000));
            const bool last = size == rest && !random_.one_in(10);
            const std::string mask = frames_.any_mask();
            bytes += wire::head((last ? fin : 0) | (bytes.empty() ? kind : opcode::continuation), size, mask);
            payloads_.push_back({begin + bytes.size(), size});
            bytes += wire::masked(message.substr(sent, size), mask);
            places_.push_back({begin + bytes.size(), last ? opcode::continuation : kind, last ? 0 : sent + size});
            while (!last && random_.one_in(3)) {
                bytes += any_control(begin + bytes.size());
                places_.push_back({begin + bytes.size(), kind, sent + size});
            }
        }
        incoming_.add_encoded(message, bytes);
        while (random_.one_in(3)) {
            incoming_.add_between(any_control(incoming_.wire().size()));
            places_.push_back({incoming_.wire().size(), opcode::continuation, 0});
        }
    }

    void end_by_frame() {
        const place at = places_[random_.below(places_.size())];
        wire_.resize(at.wire);
        messages_end_ = at.wire;
        if (random_.one_in(2)) {
            close_code_ = random_.one_of(std::array{0u, 1000u, 1001u, 1002u, 1007u, 1009u, 1011u, 3000u, 4999u});
            wire_ += frames_.frame(fin | opcode::close,
                                   *close_code_ == 0 ? "" : wire::number(*close_code_, 2) + random_.text(50));
        } else {
            const wrong_frame wrong = frames_.wrong(at.inside, at.size, rules_);
            refused_ = wrong.answer;
            wire_ += wrong.bytes;
        }
        if (random_.one_in(2))
            wire_ += frames_.frame(fin | opcode::ping, "late");
        if (random_.one_in(2))
            how_ = end_of_input::last_bytes;
    }

    // --- what the handler sends

    std::string message_to_send() override {
        return rules_.messages == websocket_messages::text ? any_text() : random_.text(format_.most);
    }
    bool is_sendable(bytes_view message) const override {
        return rules_.messages == websocket_messages::binary || is_utf8(message);
    }
    bool output_closed() const override {
        const error_code why = peer_->close_reason().code;
        return why == errc::malformed || why == errc::message_too_large;
    }

    // --- the outcome

    void expect_all_received() override {
        const error_code why = peer_->close_reason().code;
        if (why == errc::message_too_large && !in_parts_ && incoming_.next_size() > format_.most_whole) {
            ++seen_.enlarged;
            answer_ = 1009;
            reads_all_ = false;
            return;
        }
        incoming_.expect_all_of(messages_end_, in_parts_);
        std::size_t arrived = 0;
        for (const stretch& each : payloads_)
            arrived += std::min(each.size, messages_end_ - std::min(messages_end_, each.wire));
        if (in_parts_) {
            EXPECT_EQ(incoming_.position(), arrived) << "bytes that have arrived were not given as a part";
        }
        const bool whole = incoming_.is_whole(messages_end_);
        EXPECT_EQ(why, end_after(whole));
        EXPECT_FALSE(whole && incoming_.inside());
        EXPECT_EQ(peer_->counts().messages_in, incoming_.received());
        seen_.cut_in_parts += incoming_.inside() ? 1 : 0;
        answer_ = refused_              ? refused_
                  : close_code_         ? close_code_
                  : why == errc::closed ? std::nullopt
                                        : std::optional{1001u};
    }

    void input_cut(error_code /*why*/) override { reads_all_ = false; }

    error_code end_after(bool whole) {
        seen_.closed += close_code_ ? 1 : 0;
        seen_.refused += refused_ ? 1 : 0;
        if (refused_)
            return *refused_ == 1009 ? errc::message_too_large : errc::malformed;
        if (close_code_ && *close_code_ > 1001 && *close_code_ < 3000)
            return {static_cast<int>(*close_code_), websocket_category()};
        if (how_ == end_of_input::failure)
            return make_error_code(boost::system::errc::connection_reset);
        return whole ? errc::closed : errc::truncated;
    }

    void expect_all_sent() override {
        const std::string got = far_.received();
        const websocket_output output = websocket_output::read(got, rules_);
        std::string messages; // as chunks
        for (const auto& [payload, ends] : output.pieces)
            messages += format_.part(payload) + (ends ? format_.tail() : "");
        EXPECT_TRUE(output.pings.empty());
        expect_pongs(output.pongs);
        std::string sent = outgoing_.bytes();
        // The frame of the last part has ended the message, which `end_message` could not do any more.
        const bool ended_by_part = outgoing_.open() && messages == sent + format_.tail();
        if (ended_by_part)
            sent = messages;
        if (sending_ == sending::cut) {
            EXPECT_TRUE(sent.starts_with(messages)) << "the peer got what nobody sent";
            return;
        }
        EXPECT_EQ(output.rest, "") << "half a frame";
        EXPECT_TRUE(messages == sent) << messages.size() << " bytes, not " << sent.size();
        ASSERT_TRUE(output.close) << "no Close";
        expect_close(*output.close, outgoing_.open() && !ended_by_part);
        EXPECT_EQ(peer_->counts().messages_out, outgoing_.messages());
        EXPECT_EQ(peer_->counts().bytes_out, got.size());
    }

    void expect_close(const std::string& payload, bool inside) {
        const unsigned of_handler = inside ? 1011 : 1000;
        const unsigned expected = answer_.value_or(stop_asked() ? 1001 : of_handler);
        const std::string code = payload.substr(0, 2);
        const bool shut_first = has_ended_output_early() && code == wire::number(of_handler, 2); // before all else
        EXPECT_TRUE(shut_first || code == (expected == 0 ? "" : wire::number(expected, 2)))
            << wire::number_in(code) << " instead of " << expected;
        EXPECT_TRUE(payload.size() <= 2 || output_closed()) << payload;
    }

    /// All pings are answered; by the newest alone while the peer does not read, or much is queued.
    void expect_pongs(const std::vector<std::string>& pongs) {
        std::erase_if(pings_, [this](const sent_ping& each) { return each.wire_end > messages_end_; });
        auto next = pings_.begin();
        for (const std::string& each : pongs) {
            next = std::find_if(next, pings_.end(), [&](const sent_ping& asked) { return asked.payload == each; });
            ASSERT_NE(next, pings_.end()) << "no such ping, or not in this order: " << each;
            ++next;
        }
        seen_.pongs += pongs.empty() ? 0 : 1;
        if (sending_ == sending::cut || !reads_all_ || was_interrupted())
            return;
        if (!reads_slowly_ && bounds_.write_high_watermark <= 1'000) {
            EXPECT_EQ(pongs.size(), pings_.size());
        } else if (!pings_.empty() && !refused_) {
            ASSERT_FALSE(pongs.empty());
            EXPECT_EQ(pongs.back(), pings_.back().payload);
        }
    }

    struct place {
        std::size_t wire;
        unsigned inside;  ///< the kind of a message that has begun; continuation: none
        std::size_t size; ///< bytes of it so far
    };
    struct stretch {
        std::size_t wire, size;
    };
    struct sent_ping {
        std::size_t wire_end;
        std::string payload;
    };

    websocket_happenings& seen_;
    const websocket_rules rules_;
    random_frames frames_{random_, rules_.role};
    std::vector<place> places_{{0, opcode::continuation, 0}}; // between two frames of the peer
    std::vector<stretch> payloads_;                           // of messages of the peer
    std::vector<sent_ping> pings_;
    std::size_t messages_end_ = std::string::npos; // of the wire: behind it stands a Close, or a wrong frame
    std::optional<unsigned> close_code_;           // of the peer; 0: its Close has none
    std::optional<unsigned> refused_;              // the code that answers a wrong frame
    std::optional<unsigned> answer_;               // the code of the session's Close; 0: none; nullopt: an orderly one
    bool reads_all_ = true;
};

} // namespace

class websocket_at_random : public session_fixture {};

TEST_F(websocket_at_random, gives_and_sends_what_its_models_say_and_ends_as_they_say) {
    const auto rounds = static_cast<unsigned>(effort(sanitized ? 100 : 600, 50'000));
    websocket_happenings seen;
    converse<websocket_conversation>(home, clock, rounds, seen);
    expect_each_happens({seen.received_in_parts, seen.sent_in_parts, seen.waited_behind, seen.waited_to_begin,
                         seen.held_back, seen.cut_in_parts, seen.left_open, seen.cancelled, seen.pongs, seen.closed,
                         seen.refused, seen.enlarged, seen.drained, seen.shut, seen.refused_after, seen.closed_early,
                         seen.aborted_early},
                        rounds / 60);
}

} // namespace fairlead::test
