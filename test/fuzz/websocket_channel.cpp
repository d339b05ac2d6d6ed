#include "websocket/websocket_channel.hpp"
#include "fuzz/fuzz_input.hpp"
#include "runtime/shard_core.hpp"
#include "support/websocket_frames.hpp"

#include <fairlead/testkit/memory_stream.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

using namespace fairlead;
using namespace fairlead::test;

namespace {

/// Sends every message back, in place where that is possible, or a part of it.
class echo_sink final : public message_sink_for<echo_sink> {
public:
    echo_sink(channel& through, unsigned how, bool& blocked) : through_{through}, how_{how}, blocked_{blocked} {}
    bool take_message(bytes_view message) override {
        if ((how_ & 1u) != 0)
            std::ranges::fill(through_.writable(message), static_cast<unsigned char>('w'));
        const bytes_view reply = (how_ & 2u) != 0 ? message.first(message.size() / 2) : message;
        if (blocked_ || (how_ & 4u) != 0 || through_.replies().add(reply) == 0) {
            if (const auto sent = through_.send(reply))
                blocked_ = sent->state == output_state::blocked;
        }
        return (how_ & 8u) == 0;
    }

private:
    channel& through_;
    unsigned how_;
    bool& blocked_; // the transport takes no output
};

/// Takes parts, and checks what they say of the rest of their message.
class part_sink final : public message_sink_for<part_sink> {
public:
    explicit part_sink(std::optional<std::uint64_t>& left, bool& inside)
        : message_sink_for{receive_unit::part}, left_{left}, inside_{inside} {}
    void take_part(bytes_view part, std::optional<std::uint64_t> left) override {
        expect(!left_ || left == *left_ - part.size(), "another size than was said");
        expect(!part.empty() || left == 0, "a part without bytes in the middle");
        inside_ = left != 0;
        left_ = inside_ ? left : std::nullopt;
    }
    bool take_message(bytes_view) override {
        expect(false, "a whole message in place of a part");
        return false;
    }

private:
    std::optional<std::uint64_t>& left_;
    bool& inside_;
};

/// A channel and its peer, both of which do what the fuzzer wants, in any order that a session may have.
class connection {
public:
    explicit connection(fuzz_input& choices)
        : choices_{choices}, rules_{.role = choices.flag() ? websocket_role::client : websocket_role::server,
                                    .messages = choices.flag() ? websocket_messages::text : websocket_messages::binary,
                                    .max_message = 5000,
                                    .max_in_parts = 9000},
          tried_{std::make_unique<websocket_channel>(std::move(wire_.near), rules_, websocket_info{},
                                                     core_of(home_).blocks(), bytes_view{})} {}

    void step() {
        switch (choices_.byte() % 16u) {
        case 0: wire_.far.send(choices_.bytes(choices_.byte())); break;
        case 1:
        case 2: wire_.far.send(frame()); break;
        case 3: wire_.far.read_at_most(choices_.below(3000)); break;
        case 4: wire_.far.read_everything(); break;
        case 5: wire_.far.end(); break;
        case 6:
            if (sending_)
                break;
            if (const auto sent = tried_->send(std::string(choices_.below(6000), 's')))
                blocked_ = sent->state == output_state::blocked;
            break;
        case 7: (void)tried_->ping(); break;
        case 8: tried_->park(); break;
        case 9: blocked_ = tried_->write().state == output_state::blocked; break;
        case 11:
        case 12: send_in_parts(); break;
        case 10:
            if (choices_.byte() % 4u == 0)
                finish();
            break;
        default: read(); break;
        }
        expect(tried_->held() < 2'000'000, "it holds too much");
    }

    void finish() {
        if (finished_)
            return;
        finished_ = true;
        tried_->end_output({});
        tried_->write();
        tried_->drop_input();
        tried_->shutdown();
        for (int i = 0; i < 10; ++i)
            (void)tried_->discard();
    }

    // Whatever came, what was sent is frames, of which a Close is the last.
    void check_output() {
        finish();
        wire_.far.read_everything();
        while (tried_->queued() != 0 && tried_->write().state == output_state::open) {}
        const auto by = rules_.role;
        const auto sent = frames_in(wire_.far.received(), by);
        bool inside = false;
        for (std::size_t i = 0; i < sent.size(); ++i) {
            expect(sent[i] != "wrong mask" && !sent[i].starts_with("opcode "), sent[i]);
            const bool goes_on = sent[i].starts_with("odd ");
            const std::string kind = sent[i].substr(goes_on ? 4 : 0);
            const bool fragment = kind.starts_with("continuation");
            if (fragment || kind.starts_with("text") || kind.starts_with("binary")) {
                expect(fragment == inside, "a fragment out of place");
                inside = goes_on;
            } else {
                expect(!goes_on, "a control frame in fragments");
            }
            expect(!sent[i].starts_with("close") || i + 1 == sent.size(), "frames behind a Close");
            expect(!sent[i].starts_with("incomplete"), "half a frame");
        }
        expect(!sent.empty() && sent.back().starts_with("close"), "no Close");
    }

private:
    std::string frame() {
        const unsigned opcode = choices_.byte() % 11u;
        const std::string payload = to_string(choices_.bytes(choices_.byte()));
        const auto other = rules_.role == websocket_role::client ? websocket_role::server : websocket_role::client;
        return raw_frame(opcode, payload, {.last = choices_.byte() % 4u != 0, .by = other});
    }

    void send_in_parts() {
        if (!sending_) {
            left_to_send_ = choices_.flag() ? std::optional<std::uint64_t>{choices_.below(10'000)} : std::nullopt;
            sending_ = tried_->begin_message(left_to_send_).has_value();
            return;
        }
        const std::string part(std::min<std::uint64_t>(choices_.below(6000), left_to_send_.value_or(6000)), 'p');
        if (!part.empty()) {
            const auto sent = tried_->send_part(part);
            if (sent && left_to_send_)
                *left_to_send_ -= part.size();
            if (sent)
                blocked_ = sent->state == output_state::blocked;
        } else if (left_to_send_.value_or(0) == 0) {
            sending_ = !tried_->end_message();
        }
    }

    result<receive_outcome> receive(unsigned how) {
        if (inside_ || sending_ || (how & 16u) != 0) {
            part_sink parts{left_, inside_};
            return tried_->receive(parts);
        }
        echo_sink echo{*tried_, how, blocked_};
        return tried_->receive(echo);
    }

    void read() {
        if (finished_ || over_)
            return;
        const unsigned how = choices_.byte();
        (void)tried_->fill(stream::plenty);
        const auto outcome = receive(how);
        (void)tried_->takes_own_output();
        over_ = !outcome || *outcome == receive_outcome::ended;
        if (!outcome)
            expect(!tried_->explain(outcome.error()).empty(), "an error without words");
    }

    fuzz_input& choices_;
    websocket_rules rules_;
    shard home_;
    testkit::memory_connection wire_ = testkit::make_memory_stream(home_);
    std::unique_ptr<websocket_channel> tried_;
    bool finished_ = false;
    bool over_ = false;
    bool blocked_ = false;
    bool inside_ = false; // of a message that comes in parts
    std::optional<std::uint64_t> left_;
    bool sending_ = false; // a message in parts
    std::optional<std::uint64_t> left_to_send_;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_input choices{bytes_view{data, size}};
    connection tried{choices};
    for (int steps = 0; steps < 200 && !choices.empty(); ++steps)
        tried.step();
    tried.check_output();
    return 0;
}
