#include "server/hand_over_message.hpp"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace std::literals;

namespace fairlead::test {

namespace {

using kind = hand_over_message::kind;

std::string fault_of(std::string_view text) {
    try {
        hand_over_message::decode(text);
    } catch (const std::runtime_error& failed) {
        return failed.what();
    }
    return "no fault";
}

} // namespace

TEST(hand_over_message, is_read_as_it_was_written) {
    const hand_over_message samples[] = {
        {.type = kind::ask, .process = 4712},
        {.type = kind::listener, .number = 1, .url = "tls://0.0.0.0:9000", .ticket_keys = "5000 c0ffee", .sockets = 2},
        {.type = kind::admin,
         .number = 2,
         .url = "unix:///run/a socket",
         .origin = socket_origin::passed,
         .file = file_identity{2049, 77},
         .sockets = 1},
        {.type = kind::entrance, .file = file_identity{1, 18446744073709551615u}, .sockets = 1},
        {.type = kind::end, .process = 1},
        {.type = kind::ready},
        {.type = kind::done},
        {.type = kind::refused, .why = "a handler blocks its thread; try again"},
    };
    for (const hand_over_message& each : samples)
        EXPECT_EQ(hand_over_message::decode(each.encode()), each) << each.encode();
}

TEST(hand_over_message, has_the_lines_of_its_comment) {
    const hand_over_message listener{.type = kind::listener, .number = 1, .url = "tcp://0.0.0.0:9000", .sockets = 2};
    EXPECT_EQ(listener.encode(), "fairlead hand-over 1\nlistener\nnumber 1\nurl tcp://0.0.0.0:9000\nsockets 2\n");
}

TEST(hand_over_message, of_another_version_is_refused_with_the_remedy) {
    const std::string fault = fault_of("fairlead hand-over 2\nask\nnew thing\n");
    EXPECT_NE(fault.find("speaks version 2 of the hand-over, and this one version 1"), std::string::npos) << fault;
    EXPECT_NE(fault.find("a restart"), std::string::npos) << fault;
}

TEST(hand_over_message, that_cannot_be_read_is_an_error_in_words) {
    const struct {
        std::string text;
        std::string_view fault;
    } samples[] = {
        {"", "does not begin with 'fairlead hand-over '"},
        {"GET / HTTP/1.1\r\n\r\n", "does not begin with"},
        {"fairlead hand-over 1", "a line has no end"},
        {"fairlead hand-over 1\n", "a line has no end"},
        {"fairlead hand-over 1\nbye\n", "'bye' is no kind of message"},
        {"fairlead hand-over 1\nask\nprocess\n", "a line has no value"},
        {"fairlead hand-over 1\nask\nprocess 4x\n", "'4x' is no number"},
        {"fairlead hand-over 1\nask\nprocess 99999999999999999999\n", "is no number"},
        {"fairlead hand-over 1\nask\nsecret 1\n", "the line 'secret' is unknown"},
        {"fairlead hand-over 1\nask\nprocess 1", "a line has no end"},
        {"fairlead hand-over 1\nlistener\nurl tcp://0.0.0.0:1\n", "the number of sockets is wrong"},
        {"fairlead hand-over 1\nlistener\nurl tcp://0.0.0.0:1\nsockets 129\n", "the number of sockets is wrong"},
        {"fairlead hand-over 1\nlistener\nsockets 1\n", "the URL is missing"},
        {"fairlead hand-over 1\nlistener\nurl tcp://0.0.0.0:1\nsockets 1\n", "the number of a listener is missing"},
        {"fairlead hand-over 1\nready\nnumber 1\n", "the number of a listener is missing, or is out of place"},
        {"fairlead hand-over 1\nready\nsockets 1\n", "the number of sockets is wrong"},
        {"fairlead hand-over 1\nentrance\nfile 12\nsockets 1\n", "a file has a device and an inode"},
        {"fairlead hand-over 1\nlistener\nurl u\norigin stolen\nsockets 1\n", "an origin is 'opened' or 'passed'"},
        {std::string(hand_over_message::max_size + 1, 'x'), "more than 8192 bytes"},
    };
    for (const auto& each : samples)
        EXPECT_NE(fault_of(each.text).find(each.fault), std::string::npos) << each.text << ": " << fault_of(each.text);
}

TEST(hand_over_message, of_any_bytes_is_read_or_refused) {
    const std::string whole = hand_over_message{.type = kind::listener,
                                                .number = 1,
                                                .url = "tcp://0.0.0.0:9000",
                                                .file = file_identity{1, 2},
                                                .ticket_keys = "1 ab",
                                                .sockets = 2}
                                  .encode();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        fault_of(whole.substr(0, size));
        std::string changed = whole;
        for (const char byte : {'\0', '\n', ' ', '\xFF'}) {
            changed[size] = byte;
            fault_of(changed);
        }
    }
}

} // namespace fairlead::test
