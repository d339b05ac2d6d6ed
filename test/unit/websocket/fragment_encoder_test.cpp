#include "support/websocket_frames.hpp"
#include "websocket/fragment_encoder.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using frames = std::vector<std::string>;

constexpr websocket_rules text_fragments{.messages = websocket_messages::text};

/// One message of a server or a client, in memory.
class sent_message {
public:
    explicit sent_message(const websocket_rules& rules, std::optional<std::uint64_t> size = {})
        : role_{rules.role}, tried_{rules, size} {}

    error_code send(const std::string& part) {
        byte_buffer out;
        const auto done = tried_.encode(part, out);
        bytes_ += to_string(out.data());
        if (done && role_ == websocket_role::server)
            bytes_ += part;
        return done ? error_code{} : done.error();
    }

    error_code end() {
        byte_buffer out;
        const auto done = tried_.end(out);
        bytes_ += to_string(out.data());
        return done ? error_code{} : done.error();
    }

    frames written() const { return frames_in(bytes_, role_); }

private:
    websocket_role role_;
    fragment_encoder tried_;
    std::string bytes_;
};

} // namespace

TEST(fragment_encoder, ends_a_message_of_unknown_size_by_an_empty_frame) {
    for (const websocket_role role : {websocket_role::server, websocket_role::client}) {
        sent_message message{{.role = role}};
        EXPECT_FALSE(message.send("ab"));
        EXPECT_FALSE(message.send("cde"));
        EXPECT_FALSE(message.end());
        EXPECT_EQ(message.written(), (frames{"odd binary ab", "odd continuation cde", "continuation"}));
    }
}

TEST(fragment_encoder, ends_a_message_of_known_size_with_its_last_part) {
    sent_message fragments{text_fragments, 5};
    EXPECT_FALSE(fragments.send("ab"));
    EXPECT_FALSE(fragments.send("cde"));
    EXPECT_FALSE(fragments.end());
    EXPECT_EQ(fragments.written(), (frames{"odd text ab", "continuation cde"}));

    sent_message whole{text_fragments, 3};
    EXPECT_FALSE(whole.send("abc"));
    EXPECT_FALSE(whole.end());
    EXPECT_EQ(whole.written(), (frames{"text abc"}));

    sent_message empty{text_fragments, 0};
    EXPECT_FALSE(empty.end());
    EXPECT_EQ(empty.written(), (frames{"text"}));
}

TEST(fragment_encoder, refuses_more_than_passes_in_parts) {
    sent_message message{{.max_message = 4, .max_in_parts = 6}};
    EXPECT_FALSE(message.send("abcd"));
    EXPECT_EQ(message.send("efg"), errc::message_too_large);
    EXPECT_FALSE(message.send("ef"));
    EXPECT_FALSE(message.end());
    EXPECT_EQ(message.written(), (frames{"odd binary abcd", "odd continuation ef", "continuation"}));
}

TEST(fragment_encoder, checks_the_parts_of_text_as_one_text) {
    sent_message message{text_fragments};
    EXPECT_FALSE(message.send("a\xC3"));
    EXPECT_EQ(message.end(), errc::malformed) << "inside a character";
    EXPECT_EQ(message.send("b"), errc::malformed);
    EXPECT_FALSE(message.send("\xA9"));
    EXPECT_FALSE(message.end());
    EXPECT_EQ(message.written(), (frames{"odd text a\xC3", "odd continuation \xA9", "continuation"}));

    sent_message known{text_fragments, 1};
    EXPECT_EQ(known.send("\xC3"), errc::malformed) << "its last part ends inside a character";
}

} // namespace fairlead::test
