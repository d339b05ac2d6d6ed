#include "support/compressed_frames.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <string_view>

namespace fairlead::test {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t enough = 1 << 20;

/// What a message inflates to, or the name of the fault.
std::string inflated(std::string_view compressed, std::size_t max_message = enough) {
    byte_buffer message;
    switch (inflate_message(compressed, max_message, message)) {
    case frame_error::none: return to_string(message.data());
    case frame_error::message_too_large: return "too large";
    default: return "wrong";
    }
}

std::string random_text(std::mt19937& random, std::size_t size) {
    std::string text(size, '\0');
    const auto variety = 1 + random() % 255;
    for (char& each : text)
        each = static_cast<char>(random() % variety);
    return text;
}

} // namespace

// RFC 7692, section 7.2.3.
TEST(deflate, inflates_the_examples_of_the_standard) {
    EXPECT_EQ(inflated("\xf2\x48\xcd\xc9\xc9\x07\x00"sv), "Hello");                         // 7.2.3.1
    EXPECT_EQ(inflated("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"sv), "Hello");         // 7.2.3.3
    EXPECT_EQ(inflated("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv), "Hello");                     // 7.2.3.4
    EXPECT_EQ(inflated("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"sv), "Hello"); // 7.2.3.5
    EXPECT_EQ(inflated("\x00"sv), "");                                                      // 7.2.3.6
    EXPECT_EQ(deflated("Hello"), "\xf2\x48\xcd\xc9\xc9\x07\x00"sv);
}

TEST(deflate, gives_back_messages_of_all_sizes_by_every_window) {
    std::mt19937 random{7692};
    for (unsigned window = min_deflate_window; window <= max_deflate_window; ++window) {
        for (const std::size_t size : {0u, 1u, 127u, 128u, 1'000u, 65'535u, 65'536u, 300'000u}) {
            const std::string message = random_text(random, size);
            EXPECT_TRUE(inflated(deflated(message, window)) == message) << size << " bytes, window " << window;
        }
    }
}

TEST(deflate, makes_similar_bytes_smaller_and_a_message_by_itself) {
    const std::string message(10'000, 'x');
    EXPECT_LT(deflated(message).size(), 100u);
    EXPECT_EQ(deflated(message), deflated(message));
}

TEST(deflate, keeps_to_the_window_of_the_receiver) {
    std::mt19937 random{9};
    const std::string once = random_text(random, 4096);
    EXPECT_LT(deflated(once + once, 15).size(), deflated(once + once, 9).size());
}

TEST(deflate, lends_the_memory_to_two_messages_at_a_time) {
    const deflated_message one{"the first of two messages", max_deflate_window};
    const deflated_message other{"the other", max_deflate_window};
    EXPECT_EQ(inflated(one.bytes().text()), "the first of two messages");
    EXPECT_EQ(inflated(other.bytes().text()), "the other");
}

TEST(deflate, refuses_a_message_that_inflates_beyond_the_limit) {
    const std::string message(5'000, 'x');
    EXPECT_EQ(inflated(deflated(message), 5'000), message);
    EXPECT_EQ(inflated(deflated(message), 4'999), "too large");
    EXPECT_EQ(inflated(deflated(message), 1), "too large");
    EXPECT_EQ(inflated(deflated(std::string(100'000'000, '\0')), enough), "too large");
}

TEST(deflate, refuses_a_message_that_is_cut_off_wherever_it_is) {
    const std::string whole = deflated("Fairlead, Fairlead, and once more Fairlead");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(inflated(whole.substr(0, size)), "wrong") << size;
}

TEST(deflate, refuses_what_is_no_deflate) {
    EXPECT_EQ(inflated("\xff\xff\xff"sv), "wrong");
    EXPECT_EQ(inflated("\x06hello"sv), "wrong");
}

TEST(deflate, refuses_what_refers_to_a_message_before_it) {
    EXPECT_EQ(inflated("\xf2\x48\xcd\xc9\xc9\x07\x00"sv), "Hello");
    EXPECT_EQ(inflated("\xf2\x00\x11\x00\x00"sv), "wrong"); // RFC 7692, section 7.2.3.2
}

} // namespace fairlead::test
