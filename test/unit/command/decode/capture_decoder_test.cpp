#include "decode/capture_decoder.hpp"

#include "decode/conversation_list.hpp"
#include "decode/packet_bytes.hpp"

#include <fairlead/framing/parse.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::command {

namespace {

// `1 is 10.0.0.1:50123 10.0.0.2:9000`, `1 #3 4 hello`, `1 #3 4 ! truncated`
struct shown_places : row_writer {
    std::vector<std::string> rows;
    std::string reason; // of the last note or fault
    void begin(const row_place& stream) override {
        rows.push_back(std::to_string(stream.stream) + " is " + stream.from + " " + stream.to);
    }

private:
    void write(const row& next, const row_place* place) override {
        if (!next.text.empty())
            reason = next.text;
        rows.push_back(std::to_string(place->stream) + " #" + std::to_string(place->packet) + " " +
                       std::to_string(next.offset) + " " +
                       (next.kind == row_kind::fault  ? "! " + std::string{next.fault}
                        : next.kind == row_kind::note ? "note"
                                                      : to_string(next.content)));
    }
};

using rows = std::vector<std::string>;

const tcp_style to_server{};
const tcp_style to_client{.from = 9000, .to = 50123};

std::string segment(tcp_style style, std::uint32_t sequence, std::string_view payload, unsigned flags = 0x10) {
    style.sequence = sequence;
    style.flags = flags;
    const std::string packet = ipv4_bytes(tcp_bytes(payload, style));
    if (style.from != 9000)
        return packet;
    std::string back = packet; // from the other address
    back.replace(12, 8, packet.substr(16, 4) + packet.substr(12, 4));
    return back;
}

network_packet packet_of(const std::string& bytes) {
    return std::get<network_packet>(read_packet(link_type::raw_ip, bytes));
}

rows decode(const std::vector<std::string>& packets) {
    shown_places found;
    capture_decoder decoder{parse_framing("line"), found};
    std::uint64_t number = 0;
    for (const std::string& each : packets)
        decoder.take(packet_of(each), ++number, {});
    decoder.finish();
    return found.rows;
}

} // namespace

TEST(capture_decoder, gives_both_directions_each_with_offsets_of_its_own) {
    const std::vector<std::string> packets{segment(to_server, 99, "", 0x02), segment(to_client, 499, "", 0x12),
                                           segment(to_server, 100, "one\ntw"), segment(to_client, 500, "ONE\n"),
                                           segment(to_server, 106, "o\n", 0x11)};
    EXPECT_EQ(decode(packets), (rows{"1 is 10.0.0.1:50123 10.0.0.2:9000", "1 #3 0 one",
                                     "2 is 10.0.0.2:9000 10.0.0.1:50123", "2 #4 0 ONE", "1 #5 4 two"}));
}

TEST(capture_decoder, says_what_the_capture_or_the_connection_leaves_unfinished) {
    const std::string first = "1 is 10.0.0.1:50123 10.0.0.2:9000";
    const std::string opening = segment(to_server, 99, "", 0x02);
    EXPECT_EQ(decode({opening, segment(to_server, 100, "on")}), (rows{first, "1 #2 0 ! truncated"}));
    EXPECT_EQ(decode({opening, segment(to_server, 100, "on", 0x11)}), (rows{first, "1 #2 0 ! truncated"}));
    EXPECT_EQ(decode({opening, segment(to_server, 100, "one\n"), segment(to_server, 110, "two\n")}),
              (rows{first, "1 #2 0 one", "1 #3 4 ! gap"}));
}

TEST(capture_decoder, notes_that_the_capture_begins_inside_a_connection) {
    EXPECT_EQ(decode({segment(to_server, 100, "one\n"), segment(to_server, 104, "two\n")}),
              (rows{"1 is 10.0.0.1:50123 10.0.0.2:9000", "1 #1 0 note", "1 #1 0 one", "1 #2 4 two"}));
}

TEST(capture_decoder, begins_a_new_stream_where_the_ports_are_used_again) {
    EXPECT_EQ(
        decode({segment(to_server, 99, "", 0x02), segment(to_server, 100, "one\n"), segment(to_server, 4999, "", 0x02),
                segment(to_server, 5000, "two\n")}),
        (rows{"1 is 10.0.0.1:50123 10.0.0.2:9000", "1 #2 0 one", "2 is 10.0.0.1:50123 10.0.0.2:9000", "2 #4 0 two"}));
}

TEST(capture_decoder, takes_each_datagram_for_a_message) {
    const std::string cut = ipv4_bytes(udp_bytes("lost"), 17);
    EXPECT_EQ(decode({ipv4_bytes(udp_bytes("a\nb"), 17), ipv4_bytes(udp_bytes(""), 17), cut.substr(0, cut.size() - 1)}),
              (rows{"1 is 10.0.0.1:50123 10.0.0.2:9000", "1 #1 0 a\nb", "1 #2 3 ", "1 #3 3 ! cut"}));
}

TEST(capture_decoder, forgets_connections_that_have_ended_or_have_no_bytes) {
    shown_places found;
    capture_decoder decoder{parse_framing("line"), found, {.streams = 10}};
    const auto take = [&](const std::string& packet) { decoder.take(packet_of(packet), 1, {}); };
    take(segment(to_server, 99, "", 0x02));
    take(segment(to_server, 100, "on"));
    for (std::uint16_t port = 1; port <= 1000; ++port)
        take(segment({.from = port}, 99, port % 2 == 0 ? "ended\n" : "", port % 2 == 0 ? 0x03 : 0x02));
    EXPECT_LE(decoder.remembered(), 10u);
    take(segment(to_server, 102, "e\n"));
    EXPECT_EQ(found.rows.back(), "1 #1 0 one");
}

TEST(capture_decoder, notes_that_it_may_have_forgotten_the_beginning_of_a_connection) {
    shown_places found;
    capture_decoder decoder{parse_framing("line"), found, {.streams = 1}};
    decoder.take(packet_of(segment(to_server, 99, "", 0x02)), 1, {});
    decoder.take(packet_of(segment(to_client, 499, "", 0x12)), 2, {});
    decoder.take(packet_of(segment(to_server, 100, "one\n")), 3, {});
    EXPECT_EQ(found.rows, (rows{"1 is 10.0.0.1:50123 10.0.0.2:9000", "1 #3 0 note", "1 #3 0 one"}));
    EXPECT_NE(found.reason.find("or its beginning was forgotten"), std::string::npos) << found.reason;
}

TEST(capture_decoder, forgets_datagrams_without_bytes) {
    shown_places found;
    capture_decoder decoder{parse_framing("line"), found, {.streams = 10}};
    for (std::uint16_t port = 1; port <= 100; ++port)
        decoder.take(packet_of(ipv4_bytes(number_bytes(port, 2) + number_bytes(9, 2) + number_bytes(8, 2) + "..", 17)),
                     1, {});
    EXPECT_LE(decoder.remembered(), 10u);
}

TEST(capture_decoder, tells_of_missing_bytes_of_a_stream_that_it_forgets) {
    shown_places found;
    capture_decoder decoder{parse_framing("line"), found, {.streams = 10}};
    decoder.take(packet_of(segment(to_server, 99, "", 0x02)), 1, {});
    decoder.take(packet_of(segment(to_server, 110, "two\n")), 2, {});
    for (std::uint16_t port = 1; port <= 100; ++port)
        decoder.take(packet_of(segment({.from = port}, 99, "", 0x02)), 3, {});
    EXPECT_EQ(found.rows, (rows{"1 is 10.0.0.1:50123 10.0.0.2:9000", "1 #2 0 ! gap"}));
    EXPECT_TRUE(found.faulty());
    EXPECT_EQ(decoder.waiting(), 0u);
}

TEST(capture_decoder, ends_the_streams_with_most_bytes_behind_missing_ones_where_there_are_too_many) {
    shown_places found;
    capture_decoder decoder{parse_framing("line"), found, {.waiting = 2000}};
    const auto lossy = [&](std::uint16_t port, std::size_t size) {
        decoder.take(packet_of(segment({.from = port}, 99, "", 0x02)), port, {});
        decoder.take(packet_of(segment({.from = port}, 103, std::string(size, 'x'))), port, {});
    };
    lossy(1, 200);
    lossy(2, 1000);
    EXPECT_EQ(found.rows, rows{});
    lossy(3, 600);
    EXPECT_LE(decoder.waiting(), 2000u);
    EXPECT_EQ(found.rows,
              (rows{"1 is 10.0.0.1:2 10.0.0.2:9000", "1 #2 0 ! gap", "2 is 10.0.0.1:3 10.0.0.2:9000", "2 #3 0 ! gap"}));
    decoder.take(packet_of(segment({.from = 1}, 100, "on\n")), 4, {});
    EXPECT_EQ(found.rows.back(), "3 #4 0 on") << "the smallest goes on";
    EXPECT_EQ(decoder.waiting(), 0u);
}

TEST(capture_decoder, keeps_no_bytes_behind_a_fault) {
    shown_places found;
    capture_decoder decoder{parse_framing("line", 3), found};
    decoder.take(packet_of(segment(to_server, 99, "", 0x02)), 1, {});
    decoder.take(packet_of(segment(to_server, 100, "too long\n")), 2, {});
    decoder.take(packet_of(segment(to_server, 200, "more")), 3, {});
    EXPECT_EQ(decoder.waiting(), 0u);
    EXPECT_EQ(found.rows.back(), "1 #2 0 ! message_too_large");
}

TEST(conversation_list, has_those_with_bytes_the_largest_first) {
    conversation_list found;
    for (const std::string& each : {segment({.from = 1}, 0, "", 0x02), segment({.from = 2}, 0, "a"),
                                    segment(to_server, 0, "abc"), segment(to_client, 0, "ABCD")})
        found.take(packet_of(each));
    EXPECT_EQ(found.size(), 2u);
    EXPECT_EQ(found.text(), "  tcp  10.0.0.1:50123 <-> 10.0.0.2:9000  3 bytes ->, 4 bytes <-\n"
                            "  tcp  10.0.0.1:2 <-> 10.0.0.2:9000  1 bytes ->, 0 bytes <-\n");
}

} // namespace fairlead::command
