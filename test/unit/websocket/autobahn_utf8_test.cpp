// Cases 6 of the Autobahn test suite: UTF-8. From 6.5 on they follow Markus Kuhn's "UTF-8 decoder capability and stress test".

#include "support/autobahn.hpp"

#include <array>

namespace fairlead::test {

namespace {

class autobahn_utf8 : public autobahn {};

const std::string kosme = "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5";
const std::string surrogate = "\xED\xA0\x80";
const std::string after_last = "\xF4\x90\x80\x80"; // U+110000
const std::string edited = "edited";

autobahn_case utf8_case(std::string number, std::vector<std::string> sent, frames expected) {
    return {std::move(number), websocket_messages::text, std::move(sent), std::move(expected)};
}

std::string whole_text(const std::string& payload) {
    return masked_frame(frame_kind::text, payload);
}

std::vector<std::string> in_fragments(const std::vector<std::string>& parts) {
    std::vector<std::string> sent;
    for (std::size_t i = 0; i < parts.size(); ++i)
        sent.push_back(
            masked_frame(i == 0 ? frame_kind::text : frame_kind::continuation, parts[i], i + 1 == parts.size()));
    return sent;
}

std::vector<std::string> octets(const std::string& text) {
    std::vector<std::string> parts;
    for (const char each : text)
        parts.emplace_back(1, each);
    return in_fragments(parts);
}

// A frame of which only the beginning comes: what fails must not wait for the rest.
std::string beginning_of(const std::string& begin, const std::string& rest) {
    const std::string frame = whole_text(begin + rest);
    return frame.substr(0, frame.size() - rest.size());
}

std::vector<autobahn_case> texts() {
    const std::string valid = "Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!";
    const frames refused{"close 1007"};
    auto three = in_fragments({kosme, after_last, edited});
    three.pop_back();
    auto three_within = in_fragments({kosme + "\xF4", "\x90", "\x80\x80" + edited});
    three_within.pop_back();
    return {utf8_case("6_1_1", {whole_text("")}, {"text"}),
            utf8_case("6_1_2", in_fragments({"", "", ""}), {"text"}),
            utf8_case("6_1_3", in_fragments({"", "middle frame payload", ""}), {"text middle frame payload"}),
            utf8_case("6_2_1", {whole_text(valid)}, {"text " + valid}),
            utf8_case("6_2_2", in_fragments({valid.substr(0, 12), valid.substr(12)}), {"text " + valid}),
            utf8_case("6_2_3", octets(valid), {"text " + valid}),
            utf8_case("6_2_4", octets(kosme), {"text " + kosme}),
            utf8_case("6_3_1", {whole_text(kosme + surrogate + edited)}, refused),
            utf8_case("6_3_2", octets(kosme + surrogate + edited), refused),
            utf8_case("6_4_1", three, refused),
            utf8_case("6_4_2", three_within, refused),
            utf8_case("6_4_3", {beginning_of(kosme + after_last, edited)}, refused),
            utf8_case("6_4_4", {beginning_of(kosme + "\xF4\x90", "\x80\x80" + edited)}, refused)};
}

/// A section of the stress test; each of its texts is a case.
struct section {
    int number;
    bool valid;
    std::vector<std::string> texts;
};

std::string encode_code(std::uint32_t code) {
    const auto tail = [code](int shift) { return static_cast<char>(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x10000)
        return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

// Each lead byte of a range, followed by a space.
std::string lonely(unsigned first, unsigned last) {
    std::string text;
    for (unsigned lead = first; lead <= last; ++lead)
        (text += static_cast<char>(lead)) += ' ';
    return text;
}

section unexpected_continuations() {
    section made{12, false, {"\x80", "\xBF"}};
    std::string text = "\x80";
    for (int count = 2; count <= 7; ++count)
        made.texts.push_back(text += count % 2 == 0 ? '\xBF' : '\x80');
    std::string all;
    for (unsigned byte = 0x80; byte <= 0xBF; ++byte)
        all += static_cast<char>(byte);
    made.texts.resize(7);
    made.texts.push_back(all);
    return made;
}

const std::vector<std::string> unfinished{
    "\xC0", "\xE0\x80", "\xF0\x80\x80", "\xF8\x80\x80\x80", "\xFC\x80\x80\x80\x80",
    "\xDF", "\xEF\xBF", "\xF7\xBF\xBF", "\xFB\xBF\xBF\xBF", "\xFD\xBF\xBF\xBF\xBF"};

std::string all_unfinished() {
    std::string text;
    for (const std::string& each : unfinished)
        text += each;
    return text;
}

// U+FFFE, U+FFFF and their likes of all planes, which are no characters but valid.
section noncharacters() {
    section made{22, true, {}};
    for (std::uint32_t plane = 0; plane <= 16; ++plane) {
        made.texts.push_back(encode_code(plane << 16 | 0xFFFE));
        made.texts.push_back(encode_code(plane << 16 | 0xFFFF));
    }
    return made;
}

section specials() {
    section made{23, true, {}};
    for (std::uint32_t code = 0xFFF9; code <= 0xFFFF; ++code)
        made.texts.push_back(encode_code(code));
    return made;
}

std::vector<section> sections() {
    using namespace std::string_literals;
    return {{5, true, {kosme}},
            {7, true, {"\x00"s, "\xC2\x80", "\xE0\xA0\x80", "\xF0\x90\x80\x80"}},
            {8, false, {"\xF8\x88\x80\x80\x80", "\xFC\x84\x80\x80\x80\x80"}},
            {9, true, {"\x7F", "\xDF\xBF", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"}},
            {10, false, {"\xF7\xBF\xBF\xBF", "\xFB\xBF\xBF\xBF\xBF", "\xFD\xBF\xBF\xBF\xBF\xBF"}},
            {11, true, {"\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"}},
            unexpected_continuations(),
            {13,
             false,
             {lonely(0xC0, 0xDF), lonely(0xE0, 0xEF), lonely(0xF0, 0xF7), lonely(0xF8, 0xFB), lonely(0xFC, 0xFD)}},
            {14, false, unfinished},
            {15, false, {all_unfinished()}},
            {16, false, {"\xFE", "\xFF", "\xFE\xFE\xFF\xFF"}},
            {17,
             false,
             {"\xC0\xAF", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xF8\x80\x80\x80\xAF", "\xFC\x80\x80\x80\x80\xAF"}},
            {18,
             false,
             {"\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF8\x87\xBF\xBF\xBF", "\xFC\x83\xBF\xBF\xBF\xBF"}},
            {19,
             false,
             {"\xC0\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xF8\x80\x80\x80\x80", "\xFC\x80\x80\x80\x80\x80"}},
            {20,
             false,
             {"\xED\xA0\x80", "\xED\xAD\xBF", "\xED\xAE\x80", "\xED\xAF\xBF", "\xED\xB0\x80", "\xED\xBE\x80",
              "\xED\xBF\xBF"}},
            {21,
             false,
             {"\xED\xA0\x80\xED\xB0\x80", "\xED\xA0\x80\xED\xBF\xBF", "\xED\xAD\xBF\xED\xB0\x80",
              "\xED\xAD\xBF\xED\xBF\xBF", "\xED\xAE\x80\xED\xB0\x80", "\xED\xAE\x80\xED\xBF\xBF",
              "\xED\xAF\xBF\xED\xB0\x80", "\xED\xAF\xBF\xED\xBF\xBF"}},
            noncharacters(),
            specials()};
}

// 6.6: each prefix of κόσμε, which is text where it ends between characters.
std::vector<autobahn_case> prefixes() {
    constexpr std::array<std::size_t, 5> between{2, 5, 7, 9, 11};
    std::vector<autobahn_case> list;
    for (std::size_t size = 1; size <= kosme.size(); ++size) {
        const bool valid = std::ranges::find(between, size) != between.end();
        const std::string text = kosme.substr(0, size);
        list.push_back(utf8_case("6_6_" + std::to_string(size), {whole_text(text)},
                                 {valid ? "text " + text : std::string{"close 1007"}}));
    }
    return list;
}

std::vector<autobahn_case> all_of_utf8() {
    std::vector<autobahn_case> all = texts();
    for (const autobahn_case& each : prefixes())
        all.push_back(each);
    for (const section& part : sections()) {
        for (std::size_t i = 0; i < part.texts.size(); ++i)
            all.push_back(utf8_case("6_" + std::to_string(part.number) + "_" + std::to_string(i + 1),
                                    {whole_text(part.texts[i])},
                                    {part.valid ? "text " + part.texts[i] : std::string{"close 1007"}}));
    }
    // U+110000, the last of the boundary conditions, is none of the valid ones.
    all.push_back(utf8_case("6_11_5", {whole_text(after_last)}, {"close 1007"}));
    return all;
}

} // namespace

TEST_P(autobahn_utf8, is_passed) {
    check();
}

INSTANTIATE_TEST_SUITE_P(websocket, autobahn_utf8, ::testing::ValuesIn(all_of_utf8()), autobahn_name);

} // namespace fairlead::test
