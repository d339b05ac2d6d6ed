#pragma once

#include "support/choices.hpp"
#include "support/websocket_wire.hpp"
#include "websocket/websocket_rules.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace fairlead::test {

/// A frame that breaks the protocol or a limit, and the code of the Close that answers it.
struct wrong_frame {
    std::string bytes;
    unsigned answer;
};

/// Frames at random of the peer of a session.
class random_frames {
public:
    random_frames(choices& random, websocket_role of_session) noexcept : random_{random}, role_{of_session} {}

    std::string any_mask() {
        return role_ == websocket_role::server ? websocket_wire::number(random_.below(std::size_t{1} << 32), 4) : "";
    }

    std::string frame(unsigned first, const std::string& payload) {
        const std::string mask = any_mask();
        return websocket_wire::head(first, payload.size(), mask) + websocket_wire::masked(payload, mask);
    }

    /// `inside`: the kind of the message that has begun; continuation: none. `size`: bytes of it so far.
    wrong_frame wrong(unsigned inside, std::size_t size, const websocket_rules& rules) {
        using namespace websocket_wire;
        constexpr unsigned protocol_error = 1002, not_utf8 = 1007, too_large = 1009;
        const bool begun = inside != opcode::continuation;
        const unsigned kind = begun ? opcode::continuation : opcode::text;
        const std::string other_mask = role_ == websocket_role::server ? "" : "mask";
        switch (random_.below(11)) {
        case 0: return {frame(fin | 0x40 | kind, "reserved bits"), protocol_error};
        case 1: return {frame(fin | random_.one_of(std::array{3u, 7u, 11u, 15u}), "no such opcode"), protocol_error};
        case 2: return {head(fin | kind, 3, other_mask) + "abc", protocol_error};
        case 3: return {frame(opcode::ping, "in fragments"), protocol_error};
        case 4: return {frame(fin | opcode::ping, std::string(126, 'p')), protocol_error};
        case 5: return {frame(fin | (begun ? opcode::text : opcode::continuation), "out of place"), protocol_error};
        case 6: {
            const unsigned code = random_.one_of(std::array{0u, 999u, 1005u, 1006u, 5000u});
            return {frame(fin | opcode::close, number(code, 2)), protocol_error};
        }
        case 7: return {frame(fin | opcode::close, "1"), protocol_error};
        case 8: return {frame(fin | opcode::close, number(1000, 2) + "\xFF"), not_utf8};
        case 9:
            return {inside == opcode::binary || size >= rules.max_message
                        ? frame(fin | opcode::close, number(1000, 2) + "\xC3")
                        : frame(kind, "\xFF"),
                    not_utf8};
        default: return {head(kind, rules.max_in_parts - size + 1, any_mask()), too_large};
        }
    }

private:
    choices& random_;
    const websocket_role role_;
};

} // namespace fairlead::test
