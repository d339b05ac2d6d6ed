#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/fixed_size.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/framing/varint_prefixed.hpp>
#include <fairlead/testkit/framing_verifier.hpp>

#include "support/framing_support.hpp"
#include "testkit/framing_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace fairlead::test {

namespace {

std::vector<framing> every_framing() {
    return {
        length_prefixed{},
        length_prefixed{{.width = 1}},
        length_prefixed{{.width = 2, .byte_order = std::endian::little}},
        length_prefixed{{.width = 3, .offset = 2, .length_includes_header = true}},
        length_prefixed{{.width = 8, .oversize = oversize_policy::discard}},
        varint_prefixed{},
        delimited{{.delimiters = {"\r\n"}}},
        delimited{{.delimiters = {";", "\r\n", "--end--"}}},
        line{},
        fixed_size{7},
    };
}

std::string random_bytes(std::mt19937& random, std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random() & 0xFF);
    return bytes;
}

const std::string http = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string tls = "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03"s;
const std::string ssh = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";

} // namespace

TEST(every_framing, delivers_ten_thousand_messages_that_came_in_one_read_in_order) {
    for (framing by : every_framing()) {
        SCOPED_TRACE(by.to_string());
        byte_buffer stream;
        for (int i = 0; i != 10'000; ++i)
            ASSERT_TRUE(by.encode(std::to_string(1'000'000 + i), stream));
        bytes_view input = stream.data();
        for (int i = 0; i != 10'000; ++i) {
            const result<decoded> step = by.decode(input);
            ASSERT_TRUE(step && step->message);
            ASSERT_EQ(step->message->text(), std::to_string(1'000'000 + i));
            input = input.from(step->consumed);
        }
        EXPECT_TRUE(input.empty());
    }
}

TEST(every_framing, is_indifferent_to_cuts_in_a_long_stream) {
    std::mt19937 random{7};
    for (framing by : every_framing()) {
        SCOPED_TRACE(by.to_string());
        byte_buffer stream;
        std::vector<std::string> messages;
        while (stream.size() < 1500) {
            const std::string message =
                by.to_string() == "fixed:7" ? random_bytes(random, 7) : random_bytes(random, random() % 200);
            if (by.encode(message, stream))
                messages.push_back(message);
        }
        testkit::verify_framing(by).bytes(stream.data()).gives({messages.begin(), messages.end()}).check();
    }
}

TEST(every_framing, treats_random_bytes_alike_however_they_arrive) {
    std::mt19937 random{11};
    for (const framing& by : every_framing()) {
        SCOPED_TRACE(by.to_string());
        for (int i = 0; i != 12; ++i) {
            const std::string stream = random_bytes(random, random() % 60);
            // What it must be is the reference test's affair; here only that it is always the same.
            testkit::framing_run run{by, stream};
            run.arrive(stream.size());
            const testkit::framing_outcome once = std::move(run).end();
            testkit::framing_verifier verifier{by};
            verifier.bytes(stream).gives({once.messages.begin(), once.messages.end()});
            if (once.error && once.failed_in_finish)
                verifier.ends_with(once.error);
            else if (once.error)
                verifier.fails_with(once.error);
            const auto is_refused = [&by](const std::string& message) { return !!encode_error(by, message); };
            if (std::ranges::any_of(once.messages, is_refused))
                verifier.one_way(); // a line that ends in \r
            verifier.check();
        }
    }
}

TEST(every_framing, fails_once_and_for_good_on_another_protocol) {
    for (const std::string& stream : {http, tls, ssh}) {
        for (const framing& by : {framing{length_prefixed{}}, framing{length_prefixed{{.width = 8}}},
                                  framing{length_prefixed{{.max_message = 1000, .oversize = oversize_policy::close}}},
                                  framing{length_prefixed{{.width = 2, .max_message = 1000}}}}) {
            SCOPED_TRACE(by.explain(errc::message_too_large, stream));
            testkit::verify_framing(by).bytes(stream).fails_with(errc::message_too_large).check();
            framing again = by;
            EXPECT_EQ(again.decode(stream).error(), errc::message_too_large);
            EXPECT_EQ(again.decode(stream).error(), errc::message_too_large) << "no search for a place to go on";
        }
    }
}

TEST(every_framing, cannot_tell_another_protocol_where_its_bytes_make_sense) {
    testkit::verify_framing(length_prefixed{{.width = 1}}).bytes(http).ends_with(errc::truncated).check();
    testkit::verify_framing(varint_prefixed{}).bytes(http).ends_with(errc::truncated).check();
    testkit::verify_framing(varint_prefixed{}).bytes(tls).ends_with(errc::truncated).check();
    testkit::verify_framing(line{})
        .bytes(ssh)
        .gives({ssh.substr(0, ssh.size() - 2)})
        .bytes(tls)
        .ends_with(errc::truncated)
        .check();
    testkit::verify_framing(line{}).bytes(http).gives({"GET / HTTP/1.1", "Host: localhost", ""}).check();
    testkit::verify_framing(delimited{{.delimiters = {"\0"s}, .max_message = 16}})
        .bytes(http)
        .fails_with(errc::message_too_large)
        .bytes(ssh)
        .fails_with(errc::message_too_large)
        .check();
    testkit::verify_framing(fixed_size{100}).bytes(http + tls).ends_with(errc::truncated).check();
    testkit::verify_framing(fixed_size{4})
        .bytes(tls)
        .gives({"\x16\x03\x01\x02"sv, "\0\1\0\1"sv})
        .ends_with(errc::truncated)
        .check();
    testkit::verify_framing(raw{}).ignoring_boundaries().bytes(tls).gives({tls}).bytes(http).gives({http}).check();
}

} // namespace fairlead::test
