#include "tls/client_hello.hpp"

#include "support/tls_hello.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

using namespace std::literals;

namespace fairlead::test {

namespace {

using progress = client_hello::progress;

// What is said of the bytes when they arrive one by one: the error, or how many were needed.
struct seen {
    error_code error;
    std::size_t needed = 0;
};

seen feed_byte_by_byte(std::string_view bytes) {
    client_hello hello;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const auto found = hello.examine(bytes.substr(0, size));
        if (!found)
            return {found.error(), size};
        if (*found == progress::whole)
            return {{}, size};
    }
    return {errc::would_block, bytes.size()};
}

bool is_whole(const result<progress>& found) {
    return found && *found == progress::whole;
}

std::string record(std::string_view body, char type = 22) {
    const auto size = body.size();
    return std::string{type} + "\3\1" + static_cast<char>(size >> 8) + static_cast<char>(size & 0xFF) +
           std::string{body};
}

// A ClientHello with the length that it has, but no content worth reading.
std::string hello_of(std::size_t size) {
    return "\1"s + static_cast<char>(size >> 16) + static_cast<char>(size >> 8 & 0xFF) +
           static_cast<char>(size & 0xFF) + std::string(size, 'x');
}

} // namespace

TEST(client_hello, is_whole_with_its_last_byte) {
    const std::string hello = make_client_hello("echo.example");
    EXPECT_EQ(feed_byte_by_byte(hello).error, error_code{});
    EXPECT_EQ(feed_byte_by_byte(hello).needed, hello.size());
    EXPECT_TRUE(is_whole(client_hello{}.examine(hello)));
    EXPECT_TRUE(is_whole(client_hello{}.examine(hello + "and more")));
}

TEST(client_hello, may_be_cut_into_records_at_every_byte) {
    const std::string message = make_client_hello("echo.example").substr(5);
    for (std::size_t cut = 1; cut < message.size(); ++cut) {
        const std::string bytes = record(message.substr(0, cut)) + record(message.substr(cut));
        EXPECT_EQ(feed_byte_by_byte(bytes).error, error_code{}) << cut;
        EXPECT_EQ(feed_byte_by_byte(bytes).needed, bytes.size()) << cut;
        EXPECT_EQ(server_name_in(bytes), "echo.example") << cut;
    }
    std::string single;
    for (const char byte : message)
        single += record({&byte, 1});
    EXPECT_EQ(feed_byte_by_byte(single).needed, single.size());
    EXPECT_EQ(server_name_in(single), "echo.example");
}

TEST(client_hello, refuses_other_protocols_by_their_first_byte) {
    for (const std::string_view bytes :
         {"GET / HTTP/1.1\r\n"sv, "SSH-2.0-x\r\n"sv, "\0\0\0\5hello"sv, "\x80\x2e\1\3\1"sv}) {
        const seen found = feed_byte_by_byte(bytes);
        EXPECT_EQ(found.error, tls_errc::not_tls) << bytes;
        EXPECT_EQ(found.needed, 1u) << bytes;
    }
    EXPECT_EQ(feed_byte_by_byte("\x16\x05").error, tls_errc::not_tls);
    EXPECT_EQ(feed_byte_by_byte(record("\2\50", 21)).error, tls_errc::not_tls);
}

TEST(client_hello, refuses_other_messages_and_empty_records) {
    EXPECT_EQ(feed_byte_by_byte(record("\2\0\0\5hello"sv)).error, tls_errc::malformed);
    EXPECT_EQ(feed_byte_by_byte(record("\2\0\0\5hello"sv)).needed, 6u);
    EXPECT_EQ(feed_byte_by_byte(record("")).error, tls_errc::malformed);
    EXPECT_EQ(feed_byte_by_byte(record("\1\0\0\5he"sv) + "GET").error, tls_errc::malformed);
    EXPECT_EQ(feed_byte_by_byte(record("\1\0\0\5he"sv) + record("llo", 23)).error, tls_errc::malformed);
    EXPECT_EQ(feed_byte_by_byte("\x16\3\1\x40\1"sv).error, tls_errc::malformed); // 16,385 bytes
}

TEST(client_hello, may_be_of_16_KiB_and_no_larger) {
    const std::string largest = hello_of(client_hello::max_size - 4);
    EXPECT_TRUE(is_whole(client_hello{}.examine(record(largest))));
    EXPECT_EQ(client_hello{}.examine(record(hello_of(client_hello::max_size - 3).substr(0, 100))).error(),
              tls_errc::hello_too_large);
    EXPECT_EQ(client_hello{}.examine(record("\1\1\0\0"sv)).error(), tls_errc::hello_too_large);
}

TEST(client_hello, in_records_of_one_byte_is_bounded_with_their_headers) {
    std::string bytes;
    for (const char byte : hello_of(8'000))
        bytes += record({&byte, 1});
    EXPECT_EQ(client_hello{}.examine(bytes).error(), tls_errc::hello_too_large);
}

TEST(client_hello, tells_the_name_of_the_server_in_lower_case) {
    EXPECT_EQ(server_name_in(make_client_hello("ECHO.Example")), "echo.example");
    EXPECT_EQ(server_name_in(make_client_hello("")), "");
}

TEST(client_hello, tells_no_name_of_a_damaged_one) {
    const std::string hello = make_client_hello("echo.example");
    for (std::size_t size = 0; size < hello.size(); ++size)
        server_name_in(hello.substr(0, size)); // reads no byte behind the end
    EXPECT_EQ(server_name_in("nonsense"), "");
    EXPECT_EQ(server_name_in(""), "");
}

} // namespace fairlead::test
