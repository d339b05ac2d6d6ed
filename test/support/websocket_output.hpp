#pragma once

#include "support/websocket_wire.hpp"
#include "websocket/websocket_rules.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::test {

/// The frames that an end of a WebSocket has sent, checked and sorted.
struct websocket_output {
    /// A frame of a message.
    struct piece {
        std::string payload;
        bool last = false;
    };

    std::vector<piece> pieces;
    std::vector<std::string> pings;
    std::vector<std::string> pongs;
    std::optional<std::string> close; ///< the payload
    std::string_view rest;            ///< less than a frame
    bool inside = false;              ///< the last message has not ended

    /// Reads what an end with these rules has sent. A violation of the protocol fails the test.
    static websocket_output read(std::string_view bytes, const websocket_rules& rules) {
        using namespace websocket_wire;
        websocket_output found{.rest = bytes};
        std::set<std::string> masks;
        std::size_t frames = 0;
        while (const auto next = frame::take(found.rest)) {
            EXPECT_FALSE(found.close) << "a frame behind the Close";
            EXPECT_EQ(next->mask.empty(), rules.role == websocket_role::server);
            masks.insert(next->mask);
            ++frames;
            found.add(*next, rules.messages == websocket_messages::text ? opcode::text : opcode::binary);
        }
        EXPECT_TRUE(masks.size() > 1 || frames < 3 || rules.role == websocket_role::server) << "all have one mask";
        return found;
    }

    /// The messages that are whole.
    std::vector<std::string> messages() const {
        std::vector<std::string> whole;
        std::string begun;
        for (const piece& each : pieces) {
            begun += each.payload;
            if (each.last)
                whole.push_back(std::exchange(begun, {}));
        }
        return whole;
    }

private:
    void add(const websocket_wire::frame& next, unsigned kind) {
        using namespace websocket_wire;
        const bool ends = (next.first & fin) != 0;
        const unsigned named = next.first & 0x7F; // with the reserved bits
        if (named >= opcode::close) {
            EXPECT_TRUE(ends);
        }
        if (named == opcode::close) {
            close = next.payload;
        } else if (named == opcode::ping) {
            pings.push_back(next.payload);
        } else if (named == opcode::pong) {
            pongs.push_back(next.payload);
        } else {
            EXPECT_EQ(named, inside ? opcode::continuation : kind);
            pieces.push_back({next.payload, ends});
            inside = !ends;
        }
    }
};

} // namespace fairlead::test
