#include "layers/zstd_frame.hpp"

#include "support/address_space.hpp"
#include "support/zstd_frames.hpp"

#include <gtest/gtest.h>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::literals;

constexpr std::size_t mebibyte = 1024 * 1024;

struct inflated_frame {
    std::optional<zstd_refusal> refused;
    std::string message;
    std::size_t capacity = 0;
};

inflated_frame inflate(bytes_view frame, std::size_t max_message = mebibyte) {
    byte_buffer message;
    auto refused = inflate_zstd_frame(frame, max_message, message);
    return {std::move(refused), to_string(message.data()), message.capacity()};
}

std::string frame_of(bytes_view message, int level = 3) {
    return to_string(zstd_frame{message, level}.bytes());
}

std::string noise(std::size_t size) {
    std::mt19937 random{7};
    std::string made(size, '\0');
    for (char& each : made)
        each = static_cast<char>(random());
    return made;
}

std::string prose(std::size_t size) {
    std::string made;
    for (int i = 0; made.size() < size; ++i)
        made += "order " + std::to_string(i * 7919) + ": rope, " + std::to_string(i % 31) + " pieces; ";
    made.resize(size);
    return made;
}

// Empty if the bytes were refused for that reason, with words that contain the text.
std::string refusal_differs(const inflated_frame& from, errc code, std::string_view words) {
    if (!from.refused)
        return "it was not refused";
    if (from.refused->code != code)
        return "the code is " + std::string{to_string(from.refused->code)};
    if (from.refused->words.find(words) == std::string::npos)
        return "the words are: " + from.refused->words;
    return from.capacity == 0 && from.message.empty() ? "" : "it holds memory";
}

} // namespace

TEST(zstd_frames, give_back_messages_of_any_size) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{100},
                                   std::size_t{65'535}, std::size_t{131'072}, std::size_t{131'073}, mebibyte}) {
        for (const std::string& message : {noise(size), prose(size), std::string(size, 'a')}) {
            const inflated_frame back = inflate(frame_of(message));
            EXPECT_FALSE(back.refused) << size;
            EXPECT_TRUE(back.message == message) << size;
        }
    }
}

TEST(zstd_frames, give_back_messages_of_any_level) {
    const std::string message = prose(10'000);
    for (const int level : {-131'072, -5, 0, 1, 3, 9, 19, 22})
        EXPECT_TRUE(inflate(frame_of(message, level)).message == message) << level;
    EXPECT_LT(frame_of(message, 19).size(), frame_of(message, -5).size());
}

TEST(zstd_frames, have_a_size_and_a_checksum) {
    const std::string frame = frame_of("rope, rope, rope, rope, rope");
    EXPECT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), 28u);
    EXPECT_NE(static_cast<unsigned char>(frame[4]) & 4u, 0u) << "Content_Checksum_flag of RFC 8878";
}

TEST(zstd_frames, are_independent_of_each_other_and_may_live_together) {
    const zstd_frame first{"first", 3};
    const zstd_frame second{"second", 3};
    const std::string once_more = frame_of("first");
    EXPECT_TRUE(first.bytes() == once_more);
    EXPECT_EQ(inflate(first.bytes()).message, "first");
    EXPECT_EQ(inflate(second.bytes()).message, "second");
}

TEST(zstd_frames, of_other_programs_need_no_size_and_no_checksum) {
    for (const foreign_zstd& other : {foreign_zstd{}, foreign_zstd{.size = false}, foreign_zstd{.checksum = true},
                                      foreign_zstd{.size = false, .checksum = true}}) {
        for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{5'000}, mebibyte}) {
            for (const std::string& message : {prose(size), std::string(size, 'a')}) {
                const inflated_frame back = inflate(other.frame(message));
                EXPECT_FALSE(back.refused) << size;
                EXPECT_TRUE(back.message == message) << size;
            }
        }
    }
}

TEST(zstd_frames, are_refused_above_the_limit_and_not_at_it) {
    for (const bool says_size : {true, false}) {
        const std::string frame = foreign_zstd{.size = says_size}.frame(prose(5'000));
        EXPECT_EQ(inflate(frame, 5'000).message.size(), 5'000u);
        EXPECT_EQ(refusal_differs(inflate(frame, 4'999), errc::message_too_large, "max_message is 4999"), "");
        EXPECT_EQ(refusal_differs(inflate(frame, 1), errc::message_too_large, "max_message is 1;"), "");
    }
}

TEST(zstd_frames, of_a_gibibyte_are_refused_before_memory_is_taken) {
    const std::string told = zstd_bomb{.size = 1u << 30}.frame();
    const std::string untold = zstd_bomb{.size = 1u << 30, .says_size = false}.frame();
    ASSERT_LT(told.size(), 40'000u);
    inflate(frame_of("a")); // what the thread keeps
    const address_space small{8 * mebibyte};
    EXPECT_EQ(
        refusal_differs(inflate(told), errc::message_too_large, "holds 1073741824 bytes, and max_message is 1048576"),
        "");
    EXPECT_EQ(refusal_differs(inflate(untold), errc::message_too_large, "holds more than 1048576 bytes"), "");
}

TEST(zstd_frames, that_hold_more_or_less_than_they_say_are_refused) {
    std::string frame = zstd_bomb{.size = 1u << 30}.frame();
    frame.replace(6, 8, "\x0A\0\0\0\0\0\0\0"s);
    EXPECT_EQ(refusal_differs(inflate(frame), errc::malformed, "holds more than the 10 bytes that it says"), "");
    std::string more = zstd_bomb{.size = 5}.frame();
    more[6] = 6;
    EXPECT_EQ(refusal_differs(inflate(more), errc::malformed, "is broken"), "");
}

TEST(zstd_frames, with_a_large_window_take_no_memory_for_it) {
    const std::string frame = zstd_bomb{.size = 5, .says_size = false, .window_log = 31}.frame();
    const address_space small{8 * mebibyte};
    EXPECT_EQ(inflate(frame).message, "aaaaa");
}

TEST(zstd_frames, are_refused_wherever_they_are_cut) {
    for (const std::string& whole : {frame_of(prose(500)), frame_of(""), foreign_zstd{.size = false}.frame(prose(500)),
                                     zstd_bomb{.size = 300'000}.frame()}) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto expected = size < 4 ? "is no zstd frame" : "is incomplete: " + std::to_string(size) + " bytes";
            EXPECT_EQ(refusal_differs(inflate(bytes_view{whole}.first(size)), errc::malformed, expected), "") << size;
        }
    }
}

TEST(zstd_frames, with_a_wrong_bit_are_refused_or_give_the_same_message) {
    for (const std::string& message : {prose(300), noise(60), ""s, std::string(100'000, 'a')}) {
        const std::string frame = frame_of(message);
        for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
            std::string wrong = frame;
            wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ 1 << bit % 8);
            const inflated_frame back = inflate(wrong);
            EXPECT_TRUE(back.refused || back.message == message) << "bit " << bit << " of " << escape(frame);
            EXPECT_TRUE(!back.refused || !back.refused->words.empty());
        }
    }
}

TEST(zstd_frames, with_a_wrong_checksum_are_refused) {
    std::string frame = frame_of("hello");
    frame.back() = static_cast<char>(frame.back() ^ 1);
    EXPECT_EQ(refusal_differs(inflate(frame), errc::malformed, "checksum"), "");
}

TEST(zstd_frames, are_the_whole_message) {
    const std::string frame = frame_of("hello");
    const std::string skippable = "\x50\x2A\x4D\x18\x02\0\0\0ab"s;
    EXPECT_EQ(refusal_differs(inflate(frame + "x"), errc::malformed, "1 byte of a message follow"), "");
    EXPECT_EQ(refusal_differs(inflate(frame + frame), errc::malformed, "a message is one frame"), "");
    EXPECT_EQ(refusal_differs(inflate(frame + skippable), errc::malformed, "10 bytes of a message follow"), "");
    EXPECT_EQ(refusal_differs(inflate(skippable), errc::malformed, "is no zstd frame"), "");
}

TEST(zstd_frames, are_not_what_peers_send_that_do_not_compress) {
    EXPECT_EQ(refusal_differs(inflate("GET / HTTP/1.1"), errc::malformed, "this looks like an HTTP request"), "");
    EXPECT_EQ(refusal_differs(inflate(""), errc::malformed, "no bytes"), "");
    EXPECT_EQ(refusal_differs(inflate("\x27\xB5\x2F\xFD old format 0.7"), errc::malformed, "is no zstd frame"), "");
}

TEST(zstd_frames, have_levels) {
    EXPECT_NO_THROW(validate_zstd_level(-131'072));
    EXPECT_NO_THROW(validate_zstd_level(22));
    for (const int level : {-131'073, 23}) {
        try {
            validate_zstd_level(level);
            ADD_FAILURE() << level;
        } catch (const std::invalid_argument& refused) {
            EXPECT_EQ(refused.what(), "zstd_compressed: `level` is " + std::to_string(level) +
                                          ", and must be from -131072 to 22; 3 suits most messages");
        }
    }
}

} // namespace fairlead::test
