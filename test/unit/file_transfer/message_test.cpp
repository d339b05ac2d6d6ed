#include "file_transfer/message.hpp"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace std::string_view_literals;

namespace fairlead::file_transfer::test {

namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
constexpr file_id last_id = std::numeric_limits<file_id>::max();
const digest some_digest{0x0123456789abcdef, 0xfedcba9876543210};

unreadable fault_of(bytes_view bytes) {
    const auto read = read_message(bytes);
    if (const auto* fault = std::get_if<unreadable>(&read))
        return *fault;
    return {.reason = "readable"};
}

template <class Message>
Message expect_message(bytes_view bytes) {
    const auto read = read_message(bytes);
    if (const auto* fault = std::get_if<unreadable>(&read))
        ADD_FAILURE() << escape(bytes) << ": " << fault->reason;
    const auto* what = std::get_if<message>(&read);
    if (what && std::holds_alternative<Message>(*what))
        return std::get<Message>(*what);
    ADD_FAILURE() << "another kind of message: " << escape(bytes);
    return {};
}

std::string nested(std::size_t depth) {
    return R"({"type":"abandon","id":1,"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

} // namespace

TEST(write_message, writes_what_the_protocol_shows) {
    struct row {
        message what;
        std::string_view text;
    };
    const row rows[] = {
        {offer{.id = 1, .name = "a.bin"}, R"({"type":"offer","version":1,"id":1,"name":"a.bin"})"},
        {offer{.id = 2, .name = "ü", .size = 600000, .hash = some_digest, .mtime_ns = 7, .resume = "5f3c"},
         R"({"type":"offer","version":1,"id":2,"name":"ü","size":600000,"hash":"0123456789abcdeffedcba9876543210",)"
         R"("mtime_ns":7,"resume":"5f3c"})"},
        {finish{.id = 1}, R"({"type":"finish","id":1})"},
        {finish{.id = 1, .size = 0, .hash = some_digest},
         R"({"type":"finish","id":1,"size":0,"hash":"0123456789abcdeffedcba9876543210"})"},
        {abandon{.id = 9}, R"({"type":"abandon","id":9})"},
        {accept{.id = 1, .chunk = 262144}, R"({"type":"accept","id":1,"offset":0,"chunk":262144})"},
        {accept{.id = 1, .offset = 5, .hash = some_digest, .chunk = 1},
         R"({"type":"accept","id":1,"offset":5,"hash":"0123456789abcdeffedcba9876543210","chunk":1})"},
        {again{.id = 1, .offset = largest}, R"({"type":"again","id":1,"offset":18446744073709551615})"},
        {stored{.id = 1, .name = "a", .size = 3, .hash = some_digest, .durable = false},
         R"({"type":"stored","id":1,"name":"a","size":3,"hash":"0123456789abcdeffedcba9876543210","durable":false})"},
        {refusal{.id = 1, .code = refusal_code::exists, .reason = "\"a\"\n", .kept = 4},
         R"({"type":"reject","id":1,"code":"exists","reason":"\"a\"\n","retry":false,"kept":4})"},
        {refusal{.id = 1, .accepted = true, .code = refusal_code::space, .reason = "full", .retry = true},
         R"({"type":"failed","id":1,"code":"space","reason":"full","retry":true,"kept":0})"},
        {refusal{.id = 0, .code = refusal_code::version},
         R"({"type":"reject","id":0,"code":"version","reason":"","retry":false,"kept":0,"versions":[1]})"},
        {piece{.id = 0x01020304, .offset = 0x05060708090a0b0c, .check = 0xf1f2f3f4f5f6f7f8, .bytes = "xyz"},
         "\x01\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8xyz"sv},
    };
    for (const row& each : rows)
        EXPECT_EQ(write_message(each.what), each.text);
}

TEST(read_message, reads_what_was_written) {
    const message all[] = {
        offer{.id = 1, .name = "a.bin"},
        offer{.id = last_id, .name = "船", .size = largest, .hash = some_digest, .mtime_ns = 0, .resume = "aZ0-_"},
        piece{.id = 1, .offset = 0, .check = largest, .bytes = "{"},
        piece{.id = last_id, .offset = largest - 1, .check = 0, .bytes = "x"},
        finish{.id = 3},
        finish{.id = 3, .size = 0, .hash = digest{}},
        abandon{.id = 4},
        accept{.id = 5, .offset = 0, .hash = {}, .chunk = 1},
        accept{.id = 5, .offset = largest, .hash = some_digest, .chunk = 262144},
        again{.id = 6, .offset = 7},
        stored{.id = 8, .name = "\x01\x7f", .size = 9, .hash = some_digest, .durable = true},
        refusal{.id = 0, .accepted = true, .code = refusal_code::protocol, .reason = "why"},
        refusal{.id = 1, .code = refusal_code::version},
        refusal{.id = 1, .code = refusal_code::busy, .reason = "later", .retry = true, .kept = largest},
    };
    for (const message& each : all) {
        const std::string written = write_message(each);
        const auto read = read_message(written);
        ASSERT_TRUE(std::holds_alternative<message>(read)) << escape(written);
        EXPECT_EQ(std::get<message>(read), each) << escape(written);
    }
}

TEST(read_message, passes_over_what_it_does_not_know) {
    const auto read = expect_message<abandon>(
        R"({ "later":[1,{"id":2,"id":3}], "id" : 7, "":null, "x":1e3, "type":"abandon", "y":{"z":"é"} } )"
        "\n");
    EXPECT_EQ(read.id, 7u);
    EXPECT_EQ(expect_message<abandon>(nested(15)).id, 1u);
}

TEST(read_message, takes_a_code_it_does_not_know_for_a_refusal) {
    const auto read = expect_message<refusal>(
        R"({"type":"failed","id":1,"code":"moon","reason":"it is full","retry":true,"kept":5})");
    const refusal expected{
        .id = 1, .accepted = true, .code = refusal_code::refused, .reason = "it is full", .retry = true, .kept = 5};
    EXPECT_EQ(read, expected);
}

TEST(read_message, says_why_it_cannot_be_read) {
    struct row {
        std::string_view bytes;
        std::string_view reason;
    };
    const row rows[] = {
        {"", "an empty message"},
        {"\xEF\xBB\xBF{}", "neither JSON object nor piece: it begins with \\xEF"},
        {" {}", "neither JSON object nor piece: it begins with  "},
        {"[]", "neither JSON object nor piece: it begins with ["},
        {"\0"sv, "neither JSON object nor piece: it begins with \\x00"},
        {"\x01", "a piece of fewer bytes than its header"},
        {"{\"id\":1}\0{}"sv, "a NUL byte in JSON"},
        {R"({"id":1,"id":1})", "a field is there twice"},
        {R"({"x":1,"\u0078":1})", "a field is there twice"},
        {"{}", "type is missing"},
        {R"({"type":1})", "type must be a string"},
        {R"({"type":"reset","id":3})", "\"reset\": type is not known: \"reset\""},
        {R"({"type":"\u001b[2J\u009b"})", "\"\\x1B[2J\\xC2\\x9B\": type is not known: \"\\x1B[2J\\xC2\\x9B\""},
        {R"({"type":"abandon"})", "abandon: id is missing"},
        {R"({"type":"abandon","id":null})", "abandon: id must be an integer"},
        {R"({"type":"abandon","id":"1"})", "abandon: id must be an integer"},
        {R"({"type":"abandon","id":true})", "abandon: id must be an integer"},
        {R"({"type":"abandon","id":[1]})", "abandon: id must be an integer"},
        {R"({"type":"abandon","id":1.0})", "abandon: id must be an integer"},
        {R"({"type":"abandon","id":1e0})", "abandon: id must be an integer"},
        {R"({"type":"abandon","id":-1})", "abandon: id must be an integer"},
        {R"({"type":"abandon","id":18446744073709551616})", "abandon: id must be an integer"},
        {R"({"type":"abandon","id":0})", "abandon: id must be from 1 to 4294967295"},
        {R"({"type":"abandon","id":4294967296})", "abandon: id must be from 1 to 4294967295"},
        {R"({"type":"offer","id":1,"name":"a"})", "offer: version is missing"},
        {R"({"type":"offer","version":"1","id":1,"name":"a"})", "offer: version must be an integer"},
        {R"({"type":"offer","version":1,"id":1})", "offer: name is missing"},
        {R"({"type":"offer","version":1,"id":1,"name":{}})", "offer: name must be a string"},
        {R"({"type":"offer","version":1,"id":1,"name":"a","size":-0.5})", "offer: size must be an integer"},
        {R"({"type":"offer","version":1,"id":1,"name":"a","size":null})", "offer: size must be an integer"},
        {R"({"type":"offer","version":1,"id":1,"name":"a","mtime_ns":9223372036854775808})",
         "offer: mtime_ns must be from 0 to 9223372036854775807"},
        {R"({"type":"offer","version":1,"id":1,"name":"a","hash":"ABC"})",
         "offer: hash must be 32 lower-case hexadecimal digits"},
        {R"({"type":"offer","version":1,"id":1,"name":"a","hash":7})", "offer: hash must be a string"},
        {R"({"type":"offer","version":1,"id":1,"name":"a","resume":""})",
         "offer: resume must be 1 to 128 letters, digits, - or _"},
        {R"({"type":"offer","version":1,"id":1,"name":"a","resume":"../x"})",
         "offer: resume must be 1 to 128 letters, digits, - or _"},
        {R"({"type":"finish","id":1,"size":"3"})", "finish: size must be an integer"},
        {R"({"type":"accept","id":1,"offset":0})", "accept: chunk is missing"},
        {R"({"type":"accept","id":1,"offset":0,"chunk":0})", "accept: chunk must be from 1 to 18446744073709551615"},
        {R"({"type":"accept","id":1,"offset":1,"chunk":1})", "accept: hash is missing"},
        {R"({"type":"again","id":1})", "again: offset is missing"},
        {R"({"type":"stored","id":1,"name":"a","size":1,"hash":"00000000000000000000000000000000"})",
         "stored: durable is missing"},
        {R"({"type":"reject","id":1,"code":"name","reason":"","retry":1,"kept":0})",
         "reject: retry must be true or false"},
        {R"({"type":"failed","id":1,"reason":"","retry":false,"kept":0})", "failed: code is missing"},
    };
    for (const row& each : rows) {
        const unreadable fault = fault_of(each.bytes);
        EXPECT_EQ(fault.reason, each.reason) << escape(each.bytes);
        EXPECT_EQ(fault.code, refusal_code::protocol);
    }
}

TEST(read_message, says_where_it_is_no_json) {
    const std::string_view texts[] = {
        "{",
        R"({"id":1}{})",
        "{\"type\":\"abandon\xFF\",\"id\":1}",
        "{\"type\":\"a\nb\"}",
        R"({"type":"\ud800"})",
        R"({"id":1e999})",
        R"({"type":"abandon","id":01})",
        R"({"type":"abandon",/**/"id":1})",
    };
    for (const std::string_view text : texts)
        EXPECT_TRUE(fault_of(text).reason.starts_with("no JSON at byte ")) << escape(text) << fault_of(text).reason;
}

TEST(read_message, knows_the_longest_resume) {
    const auto with_resume = [](std::size_t size) {
        return write_message(offer{.id = 1, .name = "a", .resume = std::string(size, 'r')});
    };
    EXPECT_EQ(expect_message<offer>(with_resume(128)).resume.size(), 128u);
    EXPECT_EQ(fault_of(with_resume(129)).reason, "offer: resume must be 1 to 128 letters, digits, - or _");
}

TEST(read_message, tells_another_version_and_whose_offer_it_was) {
    struct row {
        const char* text;
        file_id id;
    };
    const row rows[] = {
        {R"({"type":"offer","version":2,"id":7,"name":"a"})", 7},
        {R"({"type":"offer","version":0,"id":7})", 7},
        {R"({"type":"offer","version":18446744073709551615})", 0},
        {R"({"type":"offer","version":2,"id":"seven","name":["a"]})", 0},
        {R"({"type":"offer","version":2,"id":4294967296})", 0},
    };
    for (const row& each : rows) {
        const unreadable fault = fault_of(each.text);
        EXPECT_EQ(fault.code, refusal_code::version) << each.text;
        EXPECT_EQ(fault.reason, "a version that is not spoken here");
        EXPECT_EQ(fault.id, each.id) << each.text;
    }
}

TEST(read_message, tells_whose_message_it_was) {
    EXPECT_EQ(fault_of(R"({"type":"finish","id":5,"size":-1})").id, 5u);
    EXPECT_EQ(fault_of(R"({"type":"reset","id":5})").id, 5u);
    EXPECT_EQ(fault_of(R"({"type":"finish","id":5)").id, 0u);
}

TEST(read_message, bounds_the_size_and_the_depth) {
    EXPECT_EQ(fault_of(nested(16)).reason, "nested too deeply");
    EXPECT_EQ(fault_of(nested(30'000)).reason, "nested too deeply");

    std::string text = R"({"type":"abandon","id":1})";
    text.append(max_control_message - text.size(), ' ');
    EXPECT_EQ(expect_message<abandon>(text).id, 1u);
    EXPECT_EQ(fault_of(text + ' ').reason, "a control message of more than 65536 bytes");
}

TEST(read_message, takes_no_piece_that_is_none) {
    const auto piece_of = [](file_id id, std::uint64_t offset, bytes_view bytes) {
        return fault_of(write_message(piece{.id = id, .offset = offset, .bytes = bytes}));
    };
    EXPECT_EQ(piece_of(1, 0, "x").reason, "readable");
    EXPECT_EQ(piece_of(0, 0, "x").reason, "a piece of file 0");
    EXPECT_EQ(piece_of(1, 0, "").reason, "a piece of no bytes");
    EXPECT_EQ(piece_of(1, 0, "").id, 1u);
    EXPECT_EQ(piece_of(1, largest - 1, "xy").reason, "a piece that ends behind 2^64 bytes");
    const std::string whole = write_message(piece{.id = 1, .bytes = "x"});
    for (std::size_t size = 1; size != piece_header_size; ++size)
        EXPECT_EQ(fault_of(bytes_view{whole}.first(size)).reason, "a piece of fewer bytes than its header");
}

// Whatever is changed in a message, it is read or has a reason in printable ASCII.
TEST(read_message, survives_every_byte_in_every_place) {
    const std::string good =
        write_message(offer{.id = 10, .name = "a\\b", .size = 12, .hash = some_digest, .mtime_ns = 3, .resume = "abc"});
    for (std::size_t place = 0; place != good.size(); ++place) {
        for (int byte = 0; byte != 256; ++byte) {
            std::string changed = good;
            changed[place] = static_cast<char>(byte);
            const std::string reason = fault_of(changed).reason;
            ASSERT_FALSE(reason.empty());
            ASSERT_TRUE(std::ranges::all_of(reason, [](char c) { return c >= ' ' && c <= '~'; })) << reason;
        }
        ASSERT_NE(fault_of(bytes_view{good}.first(place)).reason, "readable");
    }
}

TEST(write_message, escapes_what_json_has_no_room_for) {
    EXPECT_EQ(write_message(offer{.id = 1, .name = "\"\\/\b\f\n\r\t\x01\x1f\x7f ü"}),
              R"({"type":"offer","version":1,"id":1,"name":"\"\\/\b\f\n\r\t\u0001\u001f)"
              "\x7f ü\"}");
}

TEST(write_message, replaces_what_is_no_utf8) {
    EXPECT_EQ(expect_message<offer>(write_message(offer{.id = 1, .name = "a\xFF\xC3"})).name, "a\uFFFD\uFFFD");
    const refusal told{.id = 1, .reason = "\x80"};
    EXPECT_EQ(expect_message<refusal>(write_message(told)).reason, "\uFFFD");
}

TEST(write_message, cuts_a_long_reason_between_characters) {
    std::string long_reason = "x";
    while (long_reason.size() < 200'000)
        long_reason += "ü";
    const std::string written = write_message(refusal{.id = 1, .reason = long_reason});
    EXPECT_LT(written.size(), max_control_message);
    EXPECT_EQ(expect_message<refusal>(written).reason, long_reason.substr(0, 1023));
    EXPECT_LT(write_message(refusal{.id = 1, .reason = std::string(200'000, '\x01')}).size(), max_control_message);
}

TEST(write_message, leaves_out_a_time_before_1970) {
    EXPECT_FALSE(expect_message<offer>(write_message(offer{.id = 1, .name = "a", .mtime_ns = -1})).mtime_ns);
}

TEST(refusal_code, has_the_names_of_the_protocol) {
    struct row {
        refusal_code code;
        std::string_view name;
        bool retry;
    };
    using enum refusal_code;
    const row rows[] = {
        {version, "version", false}, {name, "name", false},         {exists, "exists", false},
        {size, "size", false},       {quota, "quota", true},        {busy, "busy", true},
        {space, "space", true},      {refused, "refused", false},   {content, "content", false},
        {hash, "hash", true},        {slow, "slow", true},          {superseded, "superseded", false},
        {storage, "storage", true},  {protocol, "protocol", false},
    };
    for (const row& each : rows) {
        EXPECT_EQ(to_string(each.code), each.name);
        EXPECT_EQ(parse_refusal_code(each.name), each.code);
        EXPECT_EQ(worth_retrying(each.code), each.retry) << each.name;
    }
    EXPECT_FALSE(parse_refusal_code(""));
    EXPECT_FALSE(parse_refusal_code("Name"));
}

} // namespace fairlead::file_transfer::test
