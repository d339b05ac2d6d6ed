#include "websocket/frame.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <string>

namespace fairlead::test {

namespace {

std::string header_of(frame_kind kind, std::size_t size, const frame_mask* mask = nullptr) {
    unsigned char bytes[max_frame_header];
    const unsigned char* const end = write_frame_header(bytes, kind, size, mask);
    return to_string(bytes_view{bytes, static_cast<std::size_t>(end - bytes)});
}

constexpr frame_mask some_mask{1, 2, 3, 4};

} // namespace

TEST(frame, has_the_bytes_of_the_standard) {
    EXPECT_EQ(make_frame(frame_kind::text, "Hello", nullptr), "\x81\x05Hello");
    constexpr frame_mask mask{0x37, 0xFA, 0x21, 0x3D};
    EXPECT_EQ(make_frame(frame_kind::text, "Hello", &mask), "\x81\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58");
    EXPECT_EQ(header_of(frame_kind::binary, 256), std::string("\x82\x7E\x01\x00", 4));
    EXPECT_EQ(header_of(frame_kind::binary, 65536), std::string("\x82\x7F\0\0\0\0\0\1\0\0", 10));
}

TEST(frame, has_the_shortest_size_which_is_read_back) {
    for (const std::size_t size : {0u, 1u, 125u, 126u, 127u, 65535u, 65536u, 1u << 30}) {
        for (const frame_mask* mask : {static_cast<const frame_mask*>(nullptr), &some_mask}) {
            const std::string bytes = header_of(frame_kind::pong, size, mask);
            EXPECT_EQ(bytes.size(), frame_header_size(size) + (mask ? 4 : 0));
            const frame_header read = read_frame_header(bytes);
            EXPECT_EQ(read.size, size);
            EXPECT_EQ(read.bytes, bytes.size());
            EXPECT_EQ(read.masked, mask != nullptr);
            EXPECT_TRUE(read.mask == (mask ? some_mask : frame_mask{}));
            EXPECT_EQ(frame_kind{read.kind}, frame_kind::pong);
            EXPECT_TRUE(read.last);
            for (std::size_t cut = 2; cut < bytes.size(); ++cut)
                EXPECT_EQ(read_frame_header(bytes_view{bytes}.first(cut)).bytes, bytes.size());
        }
    }
}

TEST(frame, is_masked_byte_by_byte_wherever_the_bytes_go) {
    std::minstd_rand random{1};
    const frame_mask mask{0xA5, 0x5A, 0x0F, 0xF0};
    for (std::size_t size = 0; size < 100; ++size) {
        for (std::size_t offset = 0; offset < 5; ++offset) {
            for (const std::size_t back : {0u, 1u, 3u, 4u, 8u, 20u, 31u, 33u}) {
                std::string bytes(back + size, '\0');
                for (char& each : bytes)
                    each = static_cast<char>(random());
                std::string expected = bytes.substr(back);
                for (std::size_t i = 0; i < size; ++i)
                    expected[i] = static_cast<char>(expected[i] ^ static_cast<char>(mask[(offset + i) % 4]));
                auto* const to = reinterpret_cast<unsigned char*>(bytes.data());
                apply_mask(to, to + back, size, mask, offset);
                ASSERT_EQ(bytes.substr(0, size), expected) << size << " bytes, moved by " << back;
            }
        }
    }
}

TEST(frame, has_a_mask_of_its_own) {
    std::set<frame_mask> masks;
    for (int i = 0; i < 1000; ++i)
        masks.insert(random_mask());
    EXPECT_GT(masks.size(), 990u);
}

} // namespace fairlead::test
