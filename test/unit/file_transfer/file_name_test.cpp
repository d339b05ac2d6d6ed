#include <fairlead/bytes.hpp>
#include <fairlead/file_transfer/file_name.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace std::string_view_literals;

namespace fairlead::test {

namespace {

using names = std::vector<std::string>;

std::string repeated(std::string_view text, int times) {
    std::string all;
    while (times-- != 0)
        all += text;
    return all;
}

// Every byte as `%XX`.
std::string percent_encoded(std::string_view text, const char* digits = "0123456789abcdef") {
    std::string encoded;
    for (const char each : text) {
        const auto byte = static_cast<unsigned char>(each);
        encoded.append({'%', digits[byte >> 4], digits[byte & 0x0F]});
    }
    return encoded;
}

// A forbidden text as it is, and in the ways in which programs take it for that after decoding.
names disguises_of(std::string_view text) {
    const std::string once = percent_encoded(text);
    std::string again; // only the `%` of it is encoded
    for (const char each : once)
        again += each == '%' ? "%25" : std::string{each};
    return {std::string{text}, once, percent_encoded(text, "0123456789ABCDEF"), again, percent_encoded(once)};
}

void expect_refused(const std::set<std::string>& hostile) {
    for (const std::string& name : hostile) {
        const auto fault = fault_of_file_name(name);
        EXPECT_TRUE(fault) << "accepted: " << escape(name);
        EXPECT_TRUE(!fault || fault->starts_with("a name must "));
    }
}

const names& good_names() {
    static const names all = {
        "a",
        "a.bin",
        "a..b",
        "a.b.c.tar.gz",
        "with spaces inside.txt",
        "two  spaces",
        "50% done.txt",
        "100%",
        "100%.txt",
        "%",
        "%%",
        "%4",
        "%zz.txt",
        "%41.txt",
        "%2541.txt",
        "caf%C3%A9.txt",
        "a%20b.txt",
        "trailing-dash-",
        "backup~",
        "name (1).txt",
        "[x] {y} (z) #1 & co; 'it' = @home!, $5 + ^`",
        "Grüße, été, żółć.txt",
        "船 收到.pdf",
        "عربى.txt",
        "עברית.txt",
        "👩🏽.jpeg",
        "e\u0301.txt", // not composed
        "何？.txt",
        "第1章。.txt",
        "a…",
        "CONSOLE",
        "CON1",
        "CO",
        "COM",
        "COM10",
        "COM10.txt",
        "COMA",
        "LPT",
        "LPT¹¹",
        "COM⁴",
        "NULL",
        "NUL_.txt",
        "my.NUL",
        "xCON.txt",
        "AUXILIARY.txt",
        "CLOCK$1",
        std::string(255, 'x'),
        std::string(251, 'x') + ".txt",
        "x" + repeated("é", 127),
    };
    return all;
}

} // namespace

TEST(fault_of_file_name, finds_none_in_good_names) {
    for (const std::string& name : good_names())
        EXPECT_EQ(fault_of_file_name(name), std::nullopt) << escape(name) << ": " << *fault_of_file_name(name);
}

TEST(fault_of_file_name, says_what_is_wrong) {
    struct row {
        std::string_view name;
        std::string_view fault;
    };
    const row rows[] = {
        {"", "a name must not be empty"},
        {"../a", "a name must not contain a path separator, which is / here and \\ elsewhere"},
        {"a\\b", "a name must not contain a path separator, which is / here and \\ elsewhere"},
        {"a\u2215b", "a name must not contain a character that looks like a path separator"},
        {"a\0b"sv, "a name must not contain control characters"},
        {"a\u202Eb", "a name must not contain characters that are not seen or change the direction of text"},
        {"C:", "a name must not contain any of : * ? \" < > |"},
        {"a\xFF", "a name must be UTF-8"},
        {"..", "a name must not be all dots"},
        {".a", "a name must not begin with a dot, a dash, a tilde or a space"},
        {"a.", "a name must not end with a dot or a space"},
        {"a\u00A0", "a name must not begin or end with white space"},
        {"nul.txt", "a name must not be one that Windows keeps for a device"},
        {"a%2Fb", "a name must not become a forbidden one when its %XX are decoded"},
    };
    for (const row& each : rows)
        EXPECT_EQ(fault_of_file_name(each.name), each.fault) << escape(each.name);
    EXPECT_EQ(fault_of_file_name(std::string(256, 'x')), "a name must not be longer than 255 bytes");
}

// Whatever stands for "up" with whatever stands for a separator, anywhere.
TEST(fault_of_file_name, refuses_paths_however_they_are_written) {
    names ups;
    for (const std::string_view up : {"", ".", "..", "...", "~", "C:", "a", "．．", "\u2025", "a.."})
        for (const std::string& each : disguises_of(up))
            ups.push_back(each);
    const std::string_view overlong[] = {"\xC0\xAF", "\xC1\x9C", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xC0\xAE"};
    names separators;
    for (const std::string_view separator :
         {"/", "\\", "//", "/\\", "\u2044", "\u2215", "\u2216", "\u2571", "\u2572", "\u27CB", "\u27CD", "\u29F5",
          "\u29F8", "\u29F9", "\uFE68", "\uFF0F", "\uFF3C"})
        for (const std::string& each : disguises_of(separator))
            separators.push_back(each);
    for (const std::string_view separator : overlong)
        for (const std::string& each : disguises_of(separator))
            separators.push_back(each);
    std::set<std::string> hostile;
    for (const std::string& up : ups)
        for (const std::string& separator : separators)
            for (const std::string_view end : {"", "etc", "..", "a/b.txt"})
                hostile.insert(up + separator + std::string{end});
    EXPECT_GE(hostile.size(), 10'000u);
    expect_refused(hostile);
}

// Characters that terminals, shells or people take for something else.
TEST(fault_of_file_name, refuses_forbidden_characters_in_every_place) {
    names forbidden = {":",      "*",      "?",      "\"",     "<",      ">",      "|",      "\u061C",
                       "\u200B", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B", "\u202C",
                       "\u202D", "\u202E", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\uFEFF"};
    for (unsigned char low = 0; low != 0x20; ++low)
        forbidden.emplace_back(1, static_cast<char>(low));
    forbidden.emplace_back(1, '\x7F');
    for (unsigned char c1 = 0x80; c1 != 0xA0; ++c1)
        forbidden.push_back({'\xC2', static_cast<char>(c1)});
    for (const std::string_view wrong :
         {"\x80", "\xBF", "\xC3", "\xC0\x80", "\xE2\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5", "\xFE", "\xFF"})
        forbidden.emplace_back(wrong);
    std::set<std::string> hostile;
    for (const std::string& each : forbidden)
        for (const std::string& disguise : disguises_of(each))
            for (const std::string_view before : {"", "a", "ü"})
                for (const std::string_view behind : {"", "b", ".txt"})
                    hostile.insert(std::string{before} + disguise + std::string{behind});
    EXPECT_GE(hostile.size(), 2'000u);
    expect_refused(hostile);
}

// What is not seen hides in a name, or imitates another one: soft hyphen, fillers of Hangul, the blank of Braille, …
TEST(fault_of_file_name, refuses_what_is_not_seen) {
    std::set<std::string> hostile;
    for (const std::string unseen :
         {"\u00AD",     "\u034F",     "\u115F",     "\u1160",     "\u17B4",     "\u17B5",    "\u180B",     "\u180E",
          "\u180F",     "\u200B",     "\u200C",     "\u200D",     "\u2065",     "\u2800",    "\u3164",     "\uFE00",
          "\uFE0E",     "\uFE0F",     "\uFEFF",     "\uFFA0",     "\uFFF0",     "\uFFF9",    "\U0001BCA0", "\U0001D159",
          "\U0001D173", "\U000E0001", "\U000E0061", "\U000E007F", "\U000E0100", "\U000E0FFF"}) {
        for (const std::string& each : {unseen, unseen + unseen, "a" + unseen, unseen + "a", "a" + unseen + ".txt",
                                        "repo" + unseen + "rt", "\u00E9" + unseen, "\u0440" + unseen + "\u0440"})
            hostile.insert(each);
    }
    for (const std::string space : {"\u00A0", "\u1680", "\u2000", "\u2003", "\u200A", "\u202F", "\u205F", "\u3000"}) {
        for (const std::string& each : {space, space + space, space + "a", "a" + space, "a.txt" + space})
            hostile.insert(each);
    }
    // Joiners and selectors where they have no use, though their characters are the right ones.
    for (const char* const each :
         {"\u0645\u06CC\u200C", "\u200C\u0645", "\u0645\u200C\u200C\u062E", "\u0645\u200Ca", "\u0645\u200C.txt",
          "\U0001F469\u200D", "\u200D\U0001F680", "\U0001F469\u200D\u200D\U0001F680", "\U0001F469\u200Da", "1\uFE0F",
          "a\uFE0F\u20E3", "\u2764\uFE0F\uFE0F", "\u4E00\uFE0F", "a\U000E0100", "\U0001F600\U000E0067"})
        hostile.insert(each);
    expect_refused(hostile);
}

// Spaces inside, and what joins letters or emoji or chooses a form of them.
TEST(fault_of_file_name, accepts_what_is_not_seen_where_it_has_a_use) {
    const names good = {
        "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645.txt", // Persian, "I want", with a non-joiner
        "\u06A9\u062A\u0627\u0628\u200C\u0647\u0627.pdf",       // Persian, "books"
        "\u0915\u094D\u200D\u0937.txt",                         // Hindi, a half form
        "\u0995\u09CD\u200C\u09B7.txt",                         // Bengali, a visible virama
        "\U0001F469\u200D\U0001F680.png",                       // an astronaut
        "\U0001F469\U0001F3FD\u200D\U0001F680.png",             // of another skin
        "\U0001F3F3\uFE0F\u200D\U0001F308.png",                 // the rainbow flag
        "\u2764\uFE0F\u200D\U0001F525",                         // a heart on fire
        "\u2764\uFE0E.txt",                                     // a heart as text
        "1\uFE0F\u20E3.txt",                                    // a keycap
        "\U0001F1E9\U0001F1EA.png",                             // the flag of Germany
        "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F.png", // that of Scotland
        "\u845B\U000E0100.txt",                                                       // a form of an ideograph
        "\u2205\uFE00.txt",                                                           // the empty set with a stroke
        "\u1820\u180B.txt",                                                           // a form of a Mongolian letter
        "10\u00A0km.txt",
        "3.45.12\u202FPM.png", // as macOS writes the time
        "\u5168\u89D2\u3000\u7A7A\u767D.txt",
    };
    for (const std::string& name : good)
        EXPECT_EQ(fault_of_file_name(name), std::nullopt) << escape(name) << ": " << *fault_of_file_name(name);
}

// Names that another system changes, hides or keeps for itself.
TEST(fault_of_file_name, refuses_names_that_mean_something_elsewhere) {
    names forbidden;
    names devices = {"CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$"};
    for (const std::string port : {"COM", "LPT"})
        for (const char* number : {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"})
            devices.push_back(port + number);
    for (const std::string& device : devices) {
        std::string small = device;
        std::ranges::transform(small, small.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        std::string mixed = device;
        mixed[1] = small[1];
        for (const std::string& each : {device, small, mixed})
            for (const char* end : {"", ".txt", ".tar.gz", " .txt", "  . x", "..x"})
                forbidden.push_back(each + end);
    }
    for (const char* inside : {"a", "ü", ".bashrc", "a b", "x.y"}) {
        for (const char* begin : {".", "-", "~", " ", "..", "--", "~~", ". "})
            forbidden.push_back(begin + std::string{inside});
        for (const char* end : {".", " ", "..", ". ", " .", "  "})
            forbidden.push_back(inside + std::string{end});
    }
    for (const char* dots : {".", "..", "...", "．", "．．", "．.", "\u2024", "\u2024\u2024", "\u2025", "\u2026",
                             "\uFE52.", "\uFE52\uFE52", "。。", "\uFF61\uFF61"})
        forbidden.emplace_back(dots);
    std::set<std::string> hostile;
    for (const std::string& each : forbidden)
        for (const std::string& disguise : disguises_of(each))
            hostile.insert(disguise);
    EXPECT_GE(hostile.size(), 2'000u);
    expect_refused(hostile);
}

TEST(fault_of_file_name, counts_bytes) {
    EXPECT_FALSE(fault_of_file_name(std::string(255, 'x')));
    EXPECT_TRUE(fault_of_file_name(std::string(256, 'x')));
    EXPECT_TRUE(fault_of_file_name(std::string(100'000, '%')));
    std::string wide;
    while (wide.size() < 256)
        wide += "ü";
    EXPECT_TRUE(fault_of_file_name(wide));
    EXPECT_FALSE(fault_of_file_name(wide.substr(2)));
}

TEST(local_name, follows_the_last_slash_and_keeps_backslashes) {
    struct row {
        std::string_view path, name;
    };
    const row rows[] = {{"", ""},         {"a", "a"},         {"a/", ""},      {"/a", "a"},      {"a/b/c", "c"},
                        {"a\\b", "a\\b"}, {"a/b\\c", "b\\c"}, {"a\\b/c", "c"}, {"dir/\\", "\\"}, {"C:a", "C:a"}};
    for (const row& each : rows)
        EXPECT_EQ(local_name(each.path), each.name) << escape(each.path);
}

TEST(last_component, follows_the_last_separator) {
    struct row {
        std::string_view path, name;
    };
    const row rows[] = {
        {"", ""},        {"a", "a"},           {"/", ""},       {"a/", ""},      {"/a", "a"},
        {"a/b/c", "c"},  {"a\\b\\c", "c"},     {"a/b\\c", "c"}, {"a\\b/c", "c"}, {"C:\\x y\\z.txt", "z.txt"},
        {"../..", ".."}, {"a/\0b"sv, "\0b"sv}, {"//a//b", "b"}, {"./a", "a"},    {"C:a", "C:a"},
    };
    for (const row& each : rows) {
        EXPECT_EQ(last_component(each.path), each.name) << escape(each.path);
        EXPECT_EQ(last_component(each.name), each.name);
    }
}

TEST(numbered_file_name, puts_the_number_before_the_extension) {
    struct row {
        std::string_view name;
        std::size_t number;
        std::string_view numbered;
    };
    const row rows[] = {
        {"name.ext", 1, "name (1).ext"},
        {"name", 12, "name (12)"},
        {"a.tar.gz", 3, "a.tar (3).gz"},
        {"name (1).ext", 1, "name (1) (1).ext"},
        {"a..b", 1, "a (1).b"},
        {"a .txt", 1, "a (1).txt"},
        {"a.sixteen_letters_", 1, "a (1).sixteen_letters_"},
        {"a.seventeen_letters", 1, "a.seventeen_letters (1)"},
        {"船.pdf", 2, "船 (2).pdf"},
        {"50%.txt", 1, "50% (1).txt"},
        {"%", 1, "% (1)"},
        {"a", 18446744073709551615u, "a (18446744073709551615)"},
    };
    for (const row& each : rows)
        EXPECT_EQ(numbered_file_name(each.name, each.number), each.numbered);
}

TEST(numbered_file_name, cuts_between_characters) {
    const std::string long_name(255, 'x');
    EXPECT_EQ(numbered_file_name(long_name, 1), long_name.substr(0, 251) + " (1)");
    EXPECT_EQ(numbered_file_name(long_name.substr(0, 251) + ".txt", 10), long_name.substr(0, 246) + " (10).txt");
    std::string wide;
    while (wide.size() < 254)
        wide += "ü";
    EXPECT_EQ(numbered_file_name(wide, 1), wide.substr(0, 250) + " (1)");
    const std::string spaces = "x" + std::string(250, ' ') + "yyyy";
    EXPECT_EQ(numbered_file_name(spaces, 1), "x (1)");
}

// Where a cut falls inside of what decodes to one character, more is cut.
TEST(numbered_file_name, is_good_when_the_name_was) {
    names all = good_names();
    for (const std::string_view unit : {"%C3%A9", "%25C3%25A9", "%F0%9F%91%A9", "é", "👩", "a. ", "a.", "x%"})
        for (std::size_t lead = 0; lead != 13; ++lead) {
            std::string name(lead + 1, 'x');
            while (name.size() + unit.size() <= 246)
                name += unit;
            for (const char* end : {"z", ".txt", ".%C3%A9"})
                all.push_back(name + end);
        }
    for (const std::string& name : all) {
        if (fault_of_file_name(name))
            ADD_FAILURE() << "the test's own name is at fault: " << name;
        for (const std::size_t number : {std::size_t{1}, std::size_t{99}, ~std::size_t{0}}) {
            const std::string numbered = numbered_file_name(name, number);
            EXPECT_EQ(fault_of_file_name(numbered), std::nullopt) << numbered;
            EXPECT_NE(numbered.find(" (" + std::to_string(number) + ")"), std::string::npos);
            EXPECT_NE(numbered, name);
        }
    }
}

} // namespace fairlead::test
