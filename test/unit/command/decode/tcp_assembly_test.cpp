#include "decode/tcp_assembly.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace fairlead::command {

namespace {

constexpr std::uint32_t isn = 0xFFFF'FFF0; // wraps after 15 bytes

struct recorded : assembled_sink {
    std::string bytes;
    std::string end; // `closed`, `lost N`
    void take(bytes_view more) override { bytes += more.text(); }
    void lose(std::uint64_t missing) override { end += "lost " + std::to_string(missing); }
    void close() override { end += "closed"; }
};

tcp_segment opening() {
    return {.sequence = isn, .syn = true};
}

tcp_segment piece(std::string_view stream, std::size_t from, std::size_t size) {
    const bytes_view payload = bytes_view{stream}.from(from).first(size);
    return {.sequence = isn + 1 + static_cast<std::uint32_t>(from), .payload = payload, .size = payload.size()};
}

tcp_segment closing(std::string_view stream) {
    return {.sequence = isn + 1 + static_cast<std::uint32_t>(stream.size()), .fin = true};
}

recorded assembled(const std::vector<tcp_segment>& segments) {
    recorded found;
    tcp_assembly assembly;
    for (const tcp_segment& each : segments)
        assembly.take(each, found);
    assembly.finish(found);
    return found;
}

const std::string stream = "the quick brown fox jumps over the lazy dog";

} // namespace

TEST(tcp_assembly, gives_the_stream_from_any_cuts_in_any_order_with_repetitions_across_the_wrap) {
    std::minstd_rand random{7};
    for (int round = 0; round < 500; ++round) {
        std::vector<tcp_segment> segments;
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t size = 1 + random() % 9;
            const std::size_t overlap = std::min<std::size_t>(at, random() % 4);
            segments.push_back(piece(stream, at - overlap, size + overlap));
            if (random() % 3 == 0)
                segments.push_back(segments.back());
            at += size;
        }
        segments.push_back(closing(stream));
        std::shuffle(segments.begin(), segments.end(), random);
        segments.insert(segments.begin(), opening());
        const recorded found = assembled(segments);
        ASSERT_EQ(found.bytes, stream) << round;
        ASSERT_EQ(found.end, "closed") << round;
    }
}

TEST(tcp_assembly, counts_bytes_that_come_twice_the_first_time) {
    const std::string other(stream.size(), 'X');
    const recorded found = assembled({opening(), piece(stream, 0, 5), piece(other, 3, 4)});
    EXPECT_EQ(found.bytes, "the qXX");
}

TEST(tcp_assembly, begins_with_the_first_payload_where_the_capture_begins_inside_the_connection) {
    const tcp_segment acknowledgement{.sequence = isn + 4};
    EXPECT_EQ(assembled({acknowledgement, piece(stream, 4, 5), piece(stream, 9, 6)}).bytes, "quick brown");
}

TEST(tcp_assembly, tells_of_bytes_that_never_came) {
    const recorded cut = assembled({opening(), piece(stream, 0, 4), piece(stream, 10, 5)});
    EXPECT_EQ(cut.bytes, "the ");
    EXPECT_EQ(cut.end, "lost 6");
    const recorded closed = assembled({opening(), piece(stream, 0, 4), closing(stream)});
    EXPECT_EQ(closed.end, "lost " + std::to_string(stream.size() - 4));
}

TEST(tcp_assembly, tells_of_bytes_that_the_snapshot_length_has_cut_off) {
    tcp_segment cut = piece(stream, 0, 10);
    cut.payload = cut.payload.first(3);
    EXPECT_EQ(assembled({opening(), cut}).end, "lost 7");
    const recorded found = assembled({opening(), cut, piece(stream, 10, 5)});
    EXPECT_EQ(found.bytes, "the");
    EXPECT_EQ(found.end, "lost 7");
}

TEST(tcp_assembly, ends_at_a_reset) {
    tcp_segment reset = piece(stream, 4, 0);
    reset.reset = true;
    EXPECT_EQ(assembled({opening(), piece(stream, 0, 4), reset, piece(stream, 4, 5)}).bytes, "the ");
    EXPECT_EQ(assembled({opening(), piece(stream, 0, 4), reset}).end, "closed");
    EXPECT_EQ(assembled({opening(), piece(stream, 0, 4), piece(stream, 6, 2), reset}).end, "lost 2");
}

TEST(tcp_assembly, ignores_keep_alives_and_segments_before_the_beginning) {
    tcp_segment probe = piece(stream, 3, 1);
    EXPECT_EQ(assembled({opening(), piece(stream, 0, 4), probe, opening(), piece(stream, 4, 5)}).bytes, "the quick");
    tcp_segment old = piece(stream, 0, 4);
    old.sequence -= 1000;
    EXPECT_EQ(assembled({opening(), old, piece(stream, 0, 4)}).bytes, "the ");
}

TEST(tcp_assembly, waits_for_missing_bytes_only_up_to_its_limit) {
    const std::string block(64 * 1024, 'x');
    tcp_assembly assembly;
    recorded found;
    assembly.take(opening(), found);
    for (std::uint32_t at = 10; found.end.empty() && at < 2 * tcp_assembly::max_waiting; at += 65536)
        assembly.take({.sequence = isn + 1 + at, .payload = block, .size = block.size()}, found);
    EXPECT_EQ(found.end, "lost 10");
}

TEST(tcp_assembly, knows_a_new_connection_between_the_same_ports) {
    tcp_assembly assembly;
    recorded found;
    EXPECT_FALSE(assembly.is_of_another(opening()));
    assembly.take(opening(), found);
    EXPECT_FALSE(assembly.is_of_another(opening()));
    EXPECT_TRUE(assembly.is_of_another({.sequence = 5, .syn = true}));
    EXPECT_FALSE(assembly.is_of_another({.sequence = 5}));
}

} // namespace fairlead::command
