#include "proxy/proxy_header.hpp"

#include "proxy/crc32c.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};

std::string number(std::size_t value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
}

std::string tlv(char type, std::string_view value) {
    return type + number(value.size()) + std::string{value};
}

std::string v2(char command, char family, std::string_view content) {
    return std::string{signature} + command + family + number(content.size()) + std::string{content};
}

const std::string addresses_v4 = "\x0A\1\2\3\x0A\4\5\6"s + number(1'000) + number(443);

std::string v2_with(const std::string& tlvs) {
    return v2(0x21, 0x11, addresses_v4 + tlvs);
}

// The checksum is put where four zeros stand behind its type and length.
std::string with_checksum(std::string header) {
    const std::uint32_t sum = crc32c(header);
    const std::size_t at = header.find("\3\0\4\0\0\0\0"s) + 3;
    for (std::size_t i = 0; i < 4; ++i)
        header[at + i] = static_cast<char>(sum >> (24 - 8 * i));
    return header;
}

proxy_header read(std::string_view bytes, proxy_carrier carrier = proxy_carrier::stream) {
    const proxy_progress done = read_proxy_header(bytes, carrier);
    EXPECT_EQ(done.state, proxy_state::whole) << done.fault;
    return done.header;
}

std::string fault(std::string_view bytes, proxy_carrier carrier = proxy_carrier::stream) {
    const proxy_progress done = read_proxy_header(bytes, carrier);
    EXPECT_EQ(done.state, proxy_state::refused);
    return std::string{done.fault};
}

std::string ends(const proxy_header& header) {
    return header.connection ? header.connection->source.to_string() + " " + header.connection->destination.to_string()
                             : "none";
}

const std::string no_header = "the bytes do not begin with a PROXY header";
const std::string bad_line = "the PROXY header of version 1 is not as 'PROXY TCP4 1.2.3.4 5.6.7.8 1000 443'";
const std::string bad_address = "the PROXY header of version 1 has an address or a port that is none";

} // namespace

TEST(proxy_v1, announces_addresses_of_both_versions) {
    const proxy_header v4 = read("PROXY TCP4 10.1.2.3 10.4.5.6 1000 443\r\nhello");
    EXPECT_EQ(ends(v4), "tcp://10.1.2.3:1000 tcp://10.4.5.6:443");
    EXPECT_EQ(v4.size, 39u);
    EXPECT_EQ(ends(read("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n")), "tcp://[2001:db8::1]:0 tcp://[::1]:65535");
}

TEST(proxy_v1, may_be_unknown) {
    EXPECT_EQ(ends(read("PROXY UNKNOWN\r\n")), "none");
    const std::string longest =
        "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535 " + std::string(47, 'x') + "\r\n";
    ASSERT_EQ(longest.size(), 107u);
    EXPECT_EQ(read(longest).size, 107u);
    EXPECT_EQ(fault("PROXY UNKNOWNS\r\n"), bad_line);
}

TEST(proxy_v1, is_at_most_107_bytes) {
    const std::string line = "PROXY UNKNOWN " + std::string(93, 'x');
    EXPECT_EQ(read_proxy_header(line.substr(0, 106)).state, proxy_state::incomplete);
    EXPECT_EQ(fault(line), "the PROXY header of version 1 has no end in 107 bytes");
    EXPECT_EQ(fault(line.substr(0, 106) + "\r\n"), "the PROXY header of version 1 has no end in 107 bytes");
}

TEST(proxy_v1, is_strict) {
    for (const char* const line :
         {"PROXY TCP4 1.2.3.4 5.6.7.8 1000\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1000 443 \r\n",
          "PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP5 1.2.3.4 5.6.7.8 1000 443\r\n",
          "PROXY tcp4 1.2.3.4 5.6.7.8 1000 443\r\n", "PROXY \r\n", "PROXY UDP4 1.2.3.4 5.6.7.8 1000 443\r\n",
          "PROXY TCP4 1.2.3.4 5.6.7.8 1000 443 9\r\n"})
        EXPECT_EQ(fault(line), bad_line) << line;
    for (const std::string_view line :
         {"PROXY TCP4 1.2.3 5.6.7.8 1000 443\r\n"sv, "PROXY TCP4 ::1 5.6.7.8 1000 443\r\n"sv,
          "PROXY TCP6 1.2.3.4 ::1 1000 443\r\n"sv, "PROXY TCP4 1.2.3.4 5.6.7.8 65536 443\r\n"sv,
          "PROXY TCP4 1.2.3.4 5.6.7.8 -1 443\r\n"sv, "PROXY TCP4 1.2.3.4 5.6.7.8 01 443\r\n"sv,
          "PROXY TCP4 1.2.3.4 5.6.7.8 1000 443x\r\n"sv, "PROXY TCP4 1.2.3.4\0 5.6.7.8 1000 443\r\n"sv,
          "PROXY TCP4 1.2.3.4 5.6.7.8  443\r\n"sv})
        EXPECT_EQ(fault(line), bad_address) << line;
}

TEST(proxy_header, is_required) {
    for (const std::string_view bytes : {"GET / HTTP/1.1\r\n"sv, "PROXYX"sv, "\r\n\r\n\1"sv, "x"sv, "\x16\3\1"sv})
        EXPECT_EQ(fault(bytes), no_header) << bytes;
}

TEST(proxy_header, is_incomplete_until_its_last_byte) {
    const std::string headers[] = {"PROXY TCP4 10.1.2.3 10.4.5.6 1000 443\r\n", v2_with(tlv(4, "xyz")),
                                   v2(0x20, 0, "ignored"), with_checksum(v2_with(tlv(3, "\0\0\0\0"sv)))};
    for (const std::string& header : headers) {
        for (std::size_t size = 0; size < header.size(); ++size)
            EXPECT_EQ(read_proxy_header(header.substr(0, size)).state, proxy_state::incomplete) << size;
        EXPECT_EQ(read(header).size, header.size());
        EXPECT_EQ(read(header + "more").size, header.size());
    }
}

TEST(proxy_v2, announces_addresses_of_each_family) {
    EXPECT_EQ(ends(read(v2_with(""))), "tcp://10.1.2.3:1000 tcp://10.4.5.6:443");
    const std::string one = "\x20\1\x0D\xB8"s + std::string(11, '\0') + "\1", other = std::string(15, '\0') + "\1";
    EXPECT_EQ(ends(read(v2(0x21, 0x21, one + other + number(7) + number(8)))), "tcp://[2001:db8::1]:7 tcp://[::1]:8");
    std::string path = "/run/a.sock"s, name = "\0name"s;
    path.resize(108), name.resize(108);
    EXPECT_EQ(ends(read(v2(0x21, 0x31, path + name))), "unix:///run/a.sock unix://@name");
}

TEST(proxy_v2, of_a_proxy_that_speaks_for_itself_leaves_the_real_address) {
    EXPECT_EQ(ends(read(v2(0x20, 0, ""))), "none");
    EXPECT_EQ(ends(read(v2(0x20, 0x11, addresses_v4))), "none");
    EXPECT_EQ(ends(read(v2(0x20, 0x7F, "anything"))), "none");
    EXPECT_EQ(ends(read(v2(0x21, 0, tlv(1, "h2")))), "none");
    EXPECT_EQ(read(v2(0x21, 0, tlv(1, "h2"))).alpn, "h2");
}

TEST(proxy_v2, of_another_kind_is_refused) {
    EXPECT_EQ(fault(v2(0x11, 0x11, addresses_v4)), "the PROXY header has an unknown version");
    EXPECT_EQ(fault(v2(0x22, 0x11, addresses_v4)), "the PROXY header has an unknown command");
    EXPECT_EQ(fault(v2(0x21, 0x41, addresses_v4)), "the PROXY header has an unknown family");
    EXPECT_EQ(fault(v2(0x21, 0x13, addresses_v4)), "the PROXY header has an unknown family");
    EXPECT_EQ(fault(v2(0x21, 0x12, addresses_v4)), "the PROXY header is for another transport");
    EXPECT_EQ(fault(v2(0x21, 0x11, addresses_v4.substr(1))), "the PROXY header is too short for its addresses");
    EXPECT_EQ(fault(v2(0x21, 0x21, addresses_v4)), "the PROXY header is too short for its addresses");
}

TEST(proxy_v2, is_at_most_4_KiB) {
    const std::string filler = tlv(4, std::string(max_proxy_header_v2 - 16 - 12 - 3, 'x'));
    EXPECT_EQ(read(v2_with(filler)).size, max_proxy_header_v2);
    EXPECT_EQ(fault(v2_with(filler + "x").substr(0, 16)), "the PROXY header has more than 4096 bytes");
}

TEST(proxy_v2, tells_what_it_knows_of_the_client) {
    const std::string tls = "\3\0\0\0\0"s + tlv(0x21, "TLSv1.3") + tlv(0x22, "ann") + tlv(0x23, "cipher");
    const proxy_header told = read(v2_with(tlv(1, "h2") + tlv(2, "echo.example") + tlv(5, std::string(128, 'i')) +
                                           tlv(4, "") + tlv(0x20, tls) + tlv(0x7F, "unknown")));
    EXPECT_EQ(told.alpn, "h2");
    EXPECT_EQ(told.authority, "echo.example");
    EXPECT_EQ(told.unique_id, std::string(128, 'i'));
    ASSERT_TRUE(told.tls);
    EXPECT_EQ(told.tls->version, "TLSv1.3");
    EXPECT_EQ(told.tls->client_common_name, "ann");
    EXPECT_TRUE(told.tls->client_has_certificate);
    EXPECT_TRUE(told.tls->certificate_is_verified);
    EXPECT_FALSE(read(v2_with(tlv(0x20, "\3\0\0\0\1"s))).tls->certificate_is_verified);
    EXPECT_FALSE(read(v2_with(tlv(0x20, "\1\0\0\0\0"s))).tls->certificate_is_verified);
    EXPECT_FALSE(read(v2_with(tlv(0x20, "\0\0\0\0\0"s))).tls);
}

TEST(proxy_v2, with_values_that_do_not_fit_is_refused) {
    const std::string too_long = "a value in the PROXY header is longer than the header";
    EXPECT_EQ(fault(v2_with("\4")), too_long);
    EXPECT_EQ(fault(v2_with("\4\0\2x"s)), too_long);
    EXPECT_EQ(fault(v2_with(tlv(0x20, "\1\0\0\0\0\x21\0\5x"s))), too_long);
    EXPECT_EQ(fault(v2_with(tlv(0x20, "\1\0\0\0"s))), "the value about TLS in the PROXY header is too short");
    EXPECT_EQ(fault(v2_with(tlv(5, std::string(129, 'i')))),
              "the unique id in the PROXY header has more than 128 bytes");
}

TEST(proxy_v2, has_its_checksum_verified) {
    EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
    EXPECT_EQ(crc32c("456789", crc32c("123")), 0xE3069283u);
    const std::string good = with_checksum(v2_with(tlv(4, "xyz") + tlv(3, "\0\0\0\0"sv) + tlv(1, "h2")));
    EXPECT_EQ(read(good).alpn, "h2");
    for (std::size_t i = 16; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x40);
        const bool is_other_type = i == good.find("\3\0\4"s); // then there is no checksum
        EXPECT_EQ(read_proxy_header(bad).state == proxy_state::whole, is_other_type) << i;
    }
    EXPECT_EQ(fault(v2_with(tlv(3, "\0\0\0"sv))), "the checksum of the PROXY header is wrong");
}

TEST(proxy_v2, stands_in_each_datagram) {
    const std::string header = v2(0x21, 0x12, addresses_v4);
    EXPECT_EQ(ends(read(header + "payload", proxy_carrier::datagram)), "udp://10.1.2.3:1000 udp://10.4.5.6:443");
    EXPECT_EQ(fault(header.substr(0, 20), proxy_carrier::datagram), "the PROXY header is longer than its datagram");
    EXPECT_EQ(fault("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", proxy_carrier::datagram), no_header);
    EXPECT_EQ(fault("", proxy_carrier::datagram), "the PROXY header is longer than its datagram");
    EXPECT_EQ(fault(v2_with(""), proxy_carrier::datagram), "the PROXY header is for another transport");
}

TEST(proxy_header, that_is_written_is_read_as_it_was) {
    const std::pair<const char*, const char*> pairs[] = {{"tcp://10.1.2.3:1000", "tcp://10.4.5.6:443"},
                                                         {"tcp://[2001:db8::1]:7", "tcp://[::1]:8"},
                                                         {"unix:///run/a.sock", "unix://@name"}};
    for (const auto& [source, destination] : pairs) {
        const proxied_connection both{endpoint::parse(source), endpoint::parse(destination)};
        const std::string expected = std::string{source} + ' ' + destination;
        EXPECT_EQ(ends(read(encode_proxy_header(proxy_version::v2, both))), expected);
        EXPECT_EQ(ends(read(encode_proxy_header(proxy_version::v1, both))),
                  both.source.family() == AF_UNIX ? "none" : expected);
    }
    EXPECT_EQ(encode_proxy_header(proxy_version::v1, std::nullopt), "PROXY UNKNOWN\r\n");
    EXPECT_EQ(encode_proxy_header(proxy_version::v2, std::nullopt), v2(0x20, 0, ""));
    const proxied_connection mixed{endpoint::parse("tcp://10.1.2.3:1"), endpoint::parse("tcp://[::1]:2")};
    EXPECT_EQ(ends(read(encode_proxy_header(proxy_version::v2, mixed))), "tcp://10.1.2.3:1 tcp://[::1]:2");
    const proxied_connection datagrams{endpoint::parse("udp://10.1.2.3:1"), endpoint::parse("udp://10.4.5.6:2")};
    EXPECT_EQ(ends(read(encode_proxy_header(proxy_version::v2, datagrams), proxy_carrier::datagram)),
              "udp://10.1.2.3:1 udp://10.4.5.6:2");
}

} // namespace fairlead::test
