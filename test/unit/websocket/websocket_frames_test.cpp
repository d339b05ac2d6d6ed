#include <fairlead/websocket_frames.hpp>

#include "support/websocket_frames.hpp"

#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

std::span<unsigned char> writable(std::string& bytes) {
    return {reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()};
}

// The frames of a stream that arrives in pieces: `1 fin 37fa213d Hello`.
std::vector<std::string> frames_of(websocket_frames& frames, const std::string& stream, std::size_t piece) {
    std::vector<std::string> found;
    std::string arrived;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        arrived += stream.substr(at, piece);
        for (;;) {
            const auto frame = frames.decode(writable(arrived));
            if (!frame) {
                found.push_back(std::string{frame.error() == errc::malformed ? "malformed: " : "too large: "} +
                                frames.explain());
                return found;
            }
            if (!*frame)
                break;
            const websocket_frame& next = **frame;
            found.push_back(std::to_string(next.opcode) + (next.fin ? " fin " : " ") + escape(next.mask) + " " +
                            escape(next.payload));
            arrived.erase(0, next.header.size() + next.payload.size());
        }
    }
    return found;
}

} // namespace

TEST(websocket_frames, are_those_of_a_client_however_the_bytes_arrive) {
    const std::string stream = masked_frame(frame_kind::text, "caf\xC3", false) + masked_frame(frame_kind::ping, "?") +
                               masked_frame(frame_kind::continuation, "\xA9") +
                               masked_frame(frame_kind::binary, std::string(200, 'x')) + masked_close(1000, "bye");
    const std::string mask = R"(7\xFA!=)";
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        websocket_frames frames{websocket_sender::client};
        EXPECT_EQ(frames_of(frames, stream, piece),
                  (std::vector<std::string>{"1 " + mask + R"( caf\xC3)", "9 fin " + mask + " ?",
                                            "0 fin " + mask + R"( \xA9)", "2 fin " + mask + " " + std::string(200, 'x'),
                                            "8 fin " + mask + R"( \x03\xE8bye)"}))
            << piece;
        EXPECT_FALSE(frames.inside_message());
    }
}

TEST(websocket_frames, of_a_server_have_no_mask) {
    websocket_frames frames{websocket_sender::server};
    EXPECT_EQ(frames_of(frames, raw_frame(1, "hi", {.last = false, .by = websocket_role::server}), 100),
              std::vector<std::string>{"1  hi"});
    EXPECT_TRUE(frames.inside_message());
    websocket_frames others{websocket_sender::server};
    EXPECT_EQ(
        frames_of(others, masked_frame(frame_kind::text, "hi"), 100),
        std::vector<std::string>{"malformed: a WebSocket frame of the server is masked; only those of clients may be"});
}

TEST(websocket_frames, above_the_limit_are_refused_by_their_header) {
    websocket_frames frames{websocket_sender::client, {.max_message = 10}};
    const auto found = frames_of(frames, masked_frame(frame_kind::text, "eleven byte").substr(0, 6), 100);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found[0].starts_with("too large: ")) << found[0];
}

} // namespace fairlead::test
