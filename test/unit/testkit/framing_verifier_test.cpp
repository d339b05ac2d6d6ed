#include <fairlead/testkit/framing_verifier.hpp>

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>

#include "support/framing_support.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

std::string violation(const testkit::framing_verifier& verifier) {
    try {
        verifier.check();
        return {};
    } catch (const testkit::framing_violation& found) {
        return found.what();
    }
}

// Pairs of bytes, done right; what derives from it breaks one thing.
struct pairs {
    result<decoded> decode(bytes_view input) {
        if (input.size() < 2)
            return decoded{.wanted = 2};
        return decoded{.consumed = 2, .message = input.first(2)};
    }
    result<decoded> finish(bytes_view input) {
        if (input.empty())
            return decoded{};
        return errc::truncated;
    }
    result<void> encode(bytes_view message, byte_buffer& output) {
        if (message.size() != 2)
            return errc::malformed;
        output.append(message);
        return {};
    }
};

template <class Broken>
std::string violation_of(bytes_view stream = "abcd") {
    return violation(testkit::verify_framing(Broken{}).bytes(stream).gives({"ab", "cd"}));
}

struct takes_what_came : pairs {
    result<decoded> decode(bytes_view input) {
        if (input.empty())
            return decoded{};
        return decoded{.consumed = input.first(2).size(), .message = input.first(2)};
    }
};

struct loses_its_place : pairs {
    result<decoded> decode(bytes_view input) {
        if (input.size() == 1)
            ++asked;
        return asked == 2 ? result<decoded>{errc::malformed} : pairs::decode(input);
    }
    int asked = 0;
};

struct wants_too_much : pairs {
    result<decoded> decode(bytes_view input) {
        if (input.size() < 2)
            return decoded{.wanted = 3};
        return pairs::decode(input);
    }
};

struct wants_too_little : pairs {
    result<decoded> decode(bytes_view input) {
        if (input.size() < 2)
            return decoded{.wanted = 1};
        return pairs::decode(input);
    }
};

struct consumes_too_much : pairs {
    result<decoded> decode(bytes_view input) {
        if (input.size() == 2)
            return decoded{.consumed = 3, .message = input};
        return pairs::decode(input);
    }
};

struct consumes_nothing : pairs {
    result<decoded> decode(bytes_view input) {
        if (input.size() < 2)
            return decoded{};
        return decoded{.consumed = 0, .message = input.first(2)};
    }
};

struct keeps_a_copy : pairs {
    result<decoded> decode(bytes_view input) {
        result<decoded> step = pairs::decode(input);
        if (step && step->message) {
            copy = to_string(*step->message);
            step->message = copy;
        }
        return step;
    }
    std::string copy;
};

struct delivers_half_a_message : pairs {
    result<decoded> finish(bytes_view input) {
        if (input.empty())
            return decoded{};
        return decoded{.consumed = input.size(), .message = input};
    }
};

struct encodes_wrongly : pairs {
    result<void> encode(bytes_view message, byte_buffer& output) {
        output.append(message.first(1));
        output.append(message.first(1));
        return {};
    }
};

struct writes_what_it_refuses : pairs {
    result<void> encode(bytes_view message, byte_buffer& output) {
        output.append(message.first(1));
        return errc::malformed;
    }
};

struct overwrites_the_queue : pairs {
    result<void> encode(bytes_view message, byte_buffer& output) {
        output.consume(1);
        output.push_back('?');
        return pairs::encode(message, output);
    }
};

} // namespace

TEST(framing_verifier, accepts_a_framing_that_keeps_its_contract) {
    testkit::verify_framing(pairs{})
        .bytes("abcd")
        .gives({"ab", "cd"})
        .bytes("")
        .bytes("abc")
        .gives({"ab"})
        .ends_with(errc::truncated)
        .check();
}

TEST(framing_verifier, accepts_the_example_of_its_documentation) {
    testkit::verify_framing(length_prefixed{{.width = 2, .max_message = 100}})
        .bytes("\0\3abc\0\0"sv)
        .gives({"abc", ""})
        .bytes("\0\3ab"sv)
        .ends_with(errc::truncated)
        .bytes("\xFF\xFF"sv)
        .fails_with(errc::message_too_large)
        .check();
}

TEST(framing_verifier, finds_breaches_of_the_contract) {
    EXPECT_TRUE(contains(violation_of<takes_what_came>("abcd"), "byte by byte")) << violation_of<takes_what_came>();
    EXPECT_TRUE(contains(violation_of<loses_its_place>(), "another answer to the same input"));
    EXPECT_TRUE(contains(violation_of<wants_too_much>(), "less input than it wanted"));
    EXPECT_TRUE(contains(violation_of<wants_too_little>(), "wanted no more than the input it had"));
    EXPECT_TRUE(contains(violation_of<consumes_too_much>(), "used up more than its input"));
    EXPECT_TRUE(contains(violation_of<consumes_nothing>(), "used up nothing"));
    EXPECT_TRUE(contains(violation_of<keeps_a_copy>(), "outside the bytes"));
    EXPECT_TRUE(contains(violation_of<encodes_wrongly>(), "encoding \"ab\" to \"aa\""));
    EXPECT_TRUE(contains(violation_of<writes_what_it_refuses>(), "1 bytes written"));
    EXPECT_NE(violation_of<overwrites_the_queue>(), "");
    const testkit::framing_verifier half =
        testkit::verify_framing(delivers_half_a_message{}).bytes("a").ends_with(errc::truncated);
    EXPECT_TRUE(contains(violation(half), "when the stream has ended \"a\""));
}

TEST(framing_verifier, finds_expectations_that_are_not_met) {
    EXPECT_NE(violation(testkit::verify_framing(pairs{}).bytes("abcd").gives({"ab"})), "");
    EXPECT_NE(violation(testkit::verify_framing(pairs{}).bytes("abcd").gives({"ab", "ce"})), "");
    EXPECT_NE(violation(testkit::verify_framing(pairs{}).bytes("abc").gives({"ab"})), "");
    EXPECT_NE(violation(testkit::verify_framing(pairs{}).bytes("abc").gives({"ab"}).fails_with(errc::truncated)), "");
    EXPECT_NE(violation(testkit::verify_framing(pairs{}).bytes("abc").gives({"ab"}).ends_with(errc::malformed)), "");
    EXPECT_NE(violation(testkit::verify_framing(pairs{}).bytes("abc").gives({"ab"}).ends_with("c")), "");
    EXPECT_NE(violation(testkit::verify_framing(pairs{}).bytes("ab").gives({"ab"}).one_way()), "");
}

TEST(framing_verifier, reports_the_case_the_cut_and_what_came_instead) {
    EXPECT_EQ(
        violation(
            testkit::verify_framing(pairs{}).bytes("ab").gives({"ab"}).bytes("c\n").gives({"x\xFF"}).ends_with("z")),
        "case 2 of 2, bytes \"c\\n\", in one piece\n"
        "  expected: \"x\\xFF\", and when the stream has ended \"z\", a clean end; 2 bytes used up\n"
        "  actual:   \"c\\n\", a clean end; 2 bytes used up");
}

TEST(framing_verifier, compares_only_bytes_when_told_to) {
    EXPECT_NE(violation(testkit::verify_framing(raw{}).bytes("abcd").gives({"abcd"})), "");
    EXPECT_EQ(violation(testkit::verify_framing(raw{}).ignoring_boundaries().bytes("abcd").gives({"ab", "cd"})), "");
    EXPECT_NE(violation(testkit::verify_framing(raw{}).ignoring_boundaries().bytes("abcd").gives({"abc"})), "");
}

TEST(framing_verifier, wants_a_case) {
    EXPECT_THROW(testkit::verify_framing(pairs{}).check(), std::logic_error);
    EXPECT_THROW(testkit::verify_framing(pairs{}).gives({"a"}), std::logic_error);
}

} // namespace fairlead::test
