// Cases 1 to 5, 7 and 10 of the Autobahn test suite: framing, pings, reserved bits, opcodes, fragments, closing.

#include "support/autobahn.hpp"

namespace fairlead::test {

namespace {

using enum frame_kind;

class autobahn_framing : public autobahn {};

std::string part_of(frame_kind kind, const std::string& payload) {
    return masked_frame(kind, payload, false);
}

autobahn_case echo_of(std::string number, websocket_messages messages, std::size_t size) {
    const bool is_text = messages == websocket_messages::text;
    const std::string payload(size, '*');
    const std::string answer = is_text ? "text" : "binary";
    return {std::move(number),
            messages,
            {masked_frame(is_text ? text : binary, payload)},
            {size == 0 ? answer : answer + " " + payload}};
}

// 1.1 and 1.2: messages of every size of header. The last one is sent in chops of 997 octets.
std::vector<autobahn_case> sizes() {
    constexpr std::size_t sizes_of_suite[] = {0, 125, 126, 127, 128, 65535, 65536, 65536};
    std::vector<autobahn_case> list;
    for (std::size_t i = 0; i < std::size(sizes_of_suite); ++i) {
        list.push_back(echo_of("1_1_" + std::to_string(i + 1), websocket_messages::text, sizes_of_suite[i]));
        list.push_back(echo_of("1_2_" + std::to_string(i + 1), websocket_messages::binary, sizes_of_suite[i]));
    }
    return list;
}

std::vector<autobahn_case> pings() {
    const std::string odd("\x00\xFF\xFE\xFD\xFC\xFB\x00\xFF", 8);
    const std::string longest(125, '\xFE');
    std::vector<std::string> ten;
    frames ten_answers;
    for (int i = 0; i < 10; ++i) {
        ten.push_back(masked_frame(ping, "payload-" + std::to_string(i)));
        ten_answers.push_back("pong payload-" + std::to_string(i));
    }
    return {case_of("2_1", {masked_frame(ping, "")}, {"pong"}),
            case_of("2_2", {masked_frame(ping, "Hello, world!")}, {"pong Hello, world!"}),
            case_of("2_3", {masked_frame(ping, odd)}, {"pong " + odd}),
            case_of("2_4", {masked_frame(ping, longest)}, {"pong " + longest}),
            case_of("2_5", {masked_frame(ping, std::string(126, '\xFE'))}, {"close 1002"}),
            case_of("2_6", {masked_frame(ping, longest)}, {"pong " + longest}),
            case_of("2_7", {masked_frame(pong, "")}, {}),
            case_of("2_8", {masked_frame(pong, "unsolicited pong payload")}, {}),
            case_of("2_9", {masked_frame(pong, "unsolicited pong payload"), masked_frame(ping, "ping payload")},
                    {"pong ping payload"}),
            case_of("2_10", ten, ten_answers),
            case_of("2_11", ten, ten_answers)};
}

std::vector<autobahn_case> reserved_bits() {
    const std::string first = masked_frame(text, "Hello, world!");
    const frames then_failure{"text Hello, world!", "close 1002"};
    const auto bad_text = [](unsigned bits) { return raw_frame(1, "Hello, world!", {.reserved = bits}); };
    return {case_of("3_1", {bad_text(1)}, {"close 1002"}),
            case_of("3_2", {first, bad_text(2), masked_frame(ping, "")}, then_failure),
            case_of("3_3", {first, bad_text(3), masked_frame(ping, "")}, then_failure),
            case_of("3_4", {first, bad_text(4), masked_frame(ping, "")}, then_failure),
            case_of("3_5", {raw_frame(2, std::string("\x00\xFF\xFE\xFD", 4), {.reserved = 5})}, {"close 1002"}),
            case_of("3_6", {raw_frame(9, "Hello, world!", {.reserved = 6})}, {"close 1002"}),
            case_of("3_7", {raw_frame(8, "", {.reserved = 7})}, {"close 1002"})};
}

// 4.1: data opcodes 3 to 7; 4.2: control opcodes 11 to 15. The third and later ones come behind a good message.
std::vector<autobahn_case> opcodes() {
    std::vector<autobahn_case> list;
    for (unsigned i = 1; i <= 5; ++i) {
        for (const unsigned group : {1u, 2u}) {
            const std::string payload = i % 2 == 0 ? "reserved opcode payload" : "";
            const std::string bad = raw_frame((group == 1 ? 2 : 10) + i, payload);
            const std::string number = "4_" + std::to_string(group) + "_" + std::to_string(i);
            if (i < 3)
                list.push_back(case_of(number, {bad}, {"close 1002"}));
            else
                list.push_back(case_of(number, {masked_frame(text, "Hello, world!"), bad, masked_frame(ping, "")},
                                       {"text Hello, world!", "close 1002"}));
        }
    }
    return list;
}

std::vector<autobahn_case> fragments() {
    const std::vector<std::string> two{part_of(text, "fragment1"), masked_frame(continuation, "fragment2")};
    const std::vector<std::string> with_ping{two[0], masked_frame(ping, "ping payload"), two[1]};
    const std::string hello = masked_frame(text, "Hello, world!");
    std::vector<autobahn_case> list{
        case_of("5_1", {part_of(ping, "fragment1"), masked_frame(continuation, "fragment2")}, {"close 1002"}),
        case_of("5_2", {part_of(pong, "fragment1"), masked_frame(continuation, "fragment2")}, {"close 1002"})};
    for (const char* number : {"5_3", "5_4", "5_5"})
        list.push_back(case_of(number, two, {"text fragment1fragment2"}));
    for (const char* number : {"5_6", "5_7", "5_8"})
        list.push_back(case_of(number, with_ping, {"pong ping payload", "text fragment1fragment2"}));
    for (const char* number : {"5_9", "5_10", "5_11"})
        list.push_back(
            case_of(number, {masked_frame(continuation, "non-continuation payload"), hello}, {"close 1002"}));
    for (const char* number : {"5_12", "5_13", "5_14"})
        list.push_back(case_of(number, {part_of(continuation, "non-continuation payload"), hello}, {"close 1002"}));
    list.push_back(case_of("5_15",
                           {two[0], two[1], part_of(continuation, "fragment3"), masked_frame(text, "fragment4")},
                           {"text fragment1fragment2", "close 1002"}));
    list.push_back(case_of(
        "5_16",
        {part_of(continuation, "fragment1"), part_of(text, "fragment2"), masked_frame(continuation, "fragment3")},
        {"close 1002"}));
    list.push_back(case_of(
        "5_17",
        {masked_frame(continuation, "fragment1"), part_of(text, "fragment2"), masked_frame(continuation, "fragment3")},
        {"close 1002"}));
    list.push_back(case_of("5_18", {part_of(text, "fragment1"), masked_frame(text, "fragment2")}, {"close 1002"}));
    for (const char* number : {"5_19", "5_20"})
        list.push_back(
            case_of(number,
                    {part_of(text, "fragment1"), part_of(continuation, "fragment2"), masked_frame(ping, "pongme 1!"),
                     part_of(continuation, "fragment3"), part_of(continuation, "fragment4"),
                     masked_frame(ping, "pongme 2!"), masked_frame(continuation, "fragment5")},
                    {"pong pongme 1!", "pong pongme 2!", "text fragment1fragment2fragment3fragment4fragment5"}));
    return list;
}

std::vector<autobahn_case> closing() {
    const std::string hello = masked_frame(text, "Hello World!");
    const std::string close_normal = masked_close(1000);
    const std::string large(256 * 1024, 'B');
    std::vector<autobahn_case> list{
        case_of("7_1_1", {hello, close_normal}, {"text Hello World!", "close 1000"}),
        case_of("7_1_2", {close_normal, close_normal}, {"close 1000"}),
        case_of("7_1_3", {close_normal, masked_frame(ping, "")}, {"close 1000"}),
        case_of("7_1_4", {close_normal, hello}, {"close 1000"}),
        case_of("7_1_5", {part_of(text, "fragment1"), close_normal, masked_frame(continuation, "fragment2")},
                {"close 1000"}),
        case_of("7_1_6", {masked_frame(text, large), hello, close_normal, masked_frame(ping, "")},
                {"text " + large, "text Hello World!", "close 1000"}),
        case_of("7_3_1", {masked_frame(close, "")}, {"close"}),
        case_of("7_3_2", {masked_frame(close, "a")}, {"close 1002"}),
        case_of("7_3_3", {close_normal}, {"close 1000"}),
        case_of("7_3_4", {masked_close(1000, "Hello World!")}, {"close 1000"}),
        case_of("7_3_5", {masked_close(1000, std::string(123, '*'))}, {"close 1000"}),
        case_of("7_3_6", {masked_close(1000, std::string(124, '*'))}, {"close 1002"}),
        case_of("7_5_1",
                {masked_close(1000, "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80"
                                    "edited")},
                {"close 1007"})};
    constexpr unsigned valid[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999};
    for (std::size_t i = 0; i < std::size(valid); ++i)
        list.push_back(
            case_of("7_7_" + std::to_string(i + 1), {masked_close(valid[i])}, {"close " + std::to_string(valid[i])}));
    constexpr unsigned invalid[] = {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999};
    for (std::size_t i = 0; i < std::size(invalid); ++i)
        list.push_back(case_of("7_9_" + std::to_string(i + 1), {masked_close(invalid[i])}, {"close 1002"}));
    list.push_back(case_of("7_13_1", {masked_close(5000)}, {"close 1002"}));
    list.push_back(case_of("7_13_2", {masked_close(65535)}, {"close 1002"}));
    return list;
}

// 10.1.1: a message of 65536 octets in fragments of 1300.
std::vector<autobahn_case> automatic_fragments() {
    const std::string payload(65536, '*');
    std::vector<std::string> sent;
    for (std::size_t at = 0; at < payload.size(); at += 1300)
        sent.push_back(
            masked_frame(at == 0 ? text : continuation, payload.substr(at, 1300), at + 1300 >= payload.size()));
    return {case_of("10_1_1", sent, {"text " + payload})};
}

std::vector<autobahn_case> all_of_framing() {
    std::vector<autobahn_case> all;
    for (const auto& list :
         {sizes(), pings(), reserved_bits(), opcodes(), fragments(), closing(), automatic_fragments()})
        all.insert(all.end(), list.begin(), list.end());
    return all;
}

} // namespace

TEST_P(autobahn_framing, is_passed) {
    check();
}

INSTANTIATE_TEST_SUITE_P(websocket, autobahn_framing, ::testing::ValuesIn(all_of_framing()), autobahn_name);

} // namespace fairlead::test
