#include "channel/message_reader.hpp"

#include "core/block_pool.hpp"

#include "support/short_frame.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>

#include <functional>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

/// Keeps what it is given, and wants no more once it has `most`.
class collector final : public message_sink_for<collector> {
public:
    bool take_message(bytes_view message) override {
        seen.push_back(to_string(message));
        if (on_message)
            on_message();
        return seen.size() < most;
    }

    std::vector<std::string> seen;
    std::size_t most = 1'000;
    std::function<void()> on_message;
};

using lines = std::vector<std::string>;

/// Has its messages in storage of its own, which the next call of `decode` overwrites.
class copying_framing {
public:
    result<decoded> decode(bytes_view input) {
        auto step = inner_.decode(input);
        copy_.assign(64, '?');
        if (step && step->message) {
            copy_ = to_string(*step->message);
            step->message = copy_;
        }
        return step;
    }
    result<decoded> finish(bytes_view input) { return inner_.finish(input); }
    result<void> encode(bytes_view message, byte_buffer& output) { return inner_.encode(message, output); }

private:
    length_prefixed inner_{{.width = 1}};
    std::string copy_;
};

/// Breaks the contract: a step with or without a message, at the end or before, consumes what it is told to.
struct wrong_framing {
    std::size_t consumed = 0;
    bool with_message = false;
    bool at_end = false;

    result<decoded> step(bytes_view input) const {
        decoded made{.consumed = consumed};
        if (with_message)
            made.message = input;
        return made;
    }
    result<decoded> decode(bytes_view input) { return at_end ? decoded{} : step(input); }
    result<decoded> finish(bytes_view input) { return at_end ? step(input) : decoded{}; }
    result<void> encode(bytes_view, byte_buffer&) { return {}; }
};

class message_reader_test : public ::testing::Test {
protected:
    receive_outcome read() { return reader.read(sink, replies).value(); }
    void arrive(std::string_view bytes) { reader.input().append(bytes); }

    block_pool blocks;
    in_place_replies replies;
    message_reader reader{framing{length_prefixed{{.width = 1, .max_message = 100}}}, blocks};
    collector sink;
};

} // namespace

TEST_F(message_reader_test, gives_the_whole_messages_of_its_input_one_after_the_other) {
    arrive(frame("one") + frame("") + frame("three") + "\5hal");
    EXPECT_EQ(read(), receive_outcome::starved);
    EXPECT_EQ(sink.seen, (lines{"one", "", "three"}));
    arrive("f-");
    EXPECT_EQ(read(), receive_outcome::starved);
    EXPECT_EQ(sink.seen.back(), "half-");
}

TEST_F(message_reader_test, gives_more_messages_than_are_found_at_once) {
    lines sent;
    for (std::size_t i = 0; i < 2 * message_sink::most_at_once + 1; ++i) {
        sent.push_back(std::to_string(i));
        arrive(frame(sent.back()));
    }
    EXPECT_EQ(read(), receive_outcome::starved);
    EXPECT_EQ(sink.seen, sent);
    EXPECT_TRUE(reader.input().empty());
}

TEST_F(message_reader_test, finds_messages_behind_one_that_is_skipped) {
    const length_prefixed skipping{{.width = 4, .max_message = 2, .oversize = oversize_policy::discard}};
    message_reader other{framing{skipping}, blocks};
    const std::string head(3, '\0');
    other.input().append(head + frame("ab") + head + frame("abc") + head + frame("cd") + head + frame("ef"));
    EXPECT_EQ(other.read(sink, replies).value(), receive_outcome::starved);
    EXPECT_EQ(sink.seen, (lines{"ab", "cd", "ef"}));
}

TEST_F(message_reader_test, stops_behind_the_message_with_which_its_sink_has_enough) {
    arrive(frame("one") + frame("two") + frame("three"));
    sink.most = 2;
    EXPECT_EQ(read(), receive_outcome::stopped);
    EXPECT_EQ(sink.seen, (lines{"one", "two"}));
    EXPECT_EQ(to_string(reader.input().data()), frame("three"));
    EXPECT_EQ(read(), receive_outcome::exhausted);
    EXPECT_EQ(sink.seen.size(), 3u);
    EXPECT_EQ(read(), receive_outcome::starved);
}

TEST_F(message_reader_test, decodes_the_next_message_only_after_the_one_before_was_taken) {
    message_reader copying{framing{copying_framing{}}, blocks};
    copying.input().append(frame("one") + frame("two"));
    EXPECT_EQ(copying.read(sink, replies).value(), receive_outcome::starved);
    EXPECT_EQ(sink.seen, (lines{"one", "two"}));
}

TEST_F(message_reader_test, reports_an_error_after_the_messages_before_it_and_again_when_asked_again) {
    arrive(frame("one") + "\x7f" + std::string(10, 'x'));
    for (int i = 0; i < 2; ++i) {
        const auto outcome = reader.read(sink, replies);
        EXPECT_EQ(outcome.error(), errc::message_too_large);
        EXPECT_EQ(sink.seen, lines{"one"});
    }
    EXPECT_NE(reader.explain(errc::message_too_large).find("7f 78"), std::string::npos);
}

TEST_F(message_reader_test, tells_an_end_between_two_messages_from_one_inside_a_message) {
    arrive(frame("one"));
    reader.end_input();
    EXPECT_EQ(read(), receive_outcome::ended);
    EXPECT_EQ(sink.seen, lines{"one"});

    message_reader other{framing{length_prefixed{{.width = 1}}}, blocks};
    other.input().append(frame("two") + "\5hal");
    other.end_input();
    EXPECT_EQ(other.read(sink, replies).error(), errc::truncated);
    EXPECT_EQ(sink.seen, (lines{"one", "two"}));
}

TEST_F(message_reader_test, gives_a_last_message_that_only_the_end_completes) {
    message_reader text{framing{line{}}, blocks};
    text.input().append("one\ntwo");
    EXPECT_EQ(text.read(sink, replies).value(), receive_outcome::starved);
    text.end_input();
    sink.most = 2;
    const auto outcome = text.read(sink, replies);
    if (outcome) {
        EXPECT_EQ(*outcome, receive_outcome::stopped);
        EXPECT_EQ(sink.seen, (lines{"one", "two"}));
        EXPECT_EQ(text.read(sink, replies).value(), receive_outcome::ended);
    } else {
        EXPECT_EQ(outcome.error(), errc::truncated);
    }
}

TEST_F(message_reader_test, is_inside_a_message_also_while_one_is_skipped) {
    EXPECT_FALSE(reader.inside_message());
    arrive("\5");
    EXPECT_EQ(read(), receive_outcome::starved);
    EXPECT_TRUE(reader.inside_message());

    const length_prefixed skipping{{.width = 1, .max_message = 2, .oversize = oversize_policy::discard}};
    message_reader other{framing{skipping}, blocks};
    other.input().append("\5abc");
    EXPECT_EQ(other.read(sink, replies).value(), receive_outcome::starved);
    EXPECT_TRUE(other.inside_message());
    other.input().append("de");
    EXPECT_EQ(other.read(sink, replies).value(), receive_outcome::starved);
    EXPECT_FALSE(other.inside_message());
    other.input().append("\5abcde" + frame("ok"));
    EXPECT_EQ(other.read(sink, replies).value(), receive_outcome::starved);
    EXPECT_EQ(sink.seen, lines{"ok"});
    EXPECT_FALSE(other.inside_message());
}

TEST_F(message_reader_test, gives_each_message_once_to_a_sink_that_asks_for_more_itself) {
    arrive(frame("one") + frame("two") + frame("three"));
    collector inner;
    inner.most = 1;
    sink.on_message = [&] {
        if (sink.seen.size() == 1) {
            EXPECT_EQ(reader.read(inner, replies).value(), receive_outcome::stopped);
        }
    };
    EXPECT_EQ(read(), receive_outcome::starved);
    EXPECT_EQ(sink.seen, (lines{"one", "three"}));
    EXPECT_EQ(inner.seen, lines{"two"});
}

TEST_F(message_reader_test, refuses_a_framing_that_consumes_more_than_there_is_or_nothing_with_a_message) {
    for (const wrong_framing& each :
         {wrong_framing{.consumed = 4}, wrong_framing{.consumed = 4, .with_message = true},
          wrong_framing{.consumed = 0, .with_message = true}, wrong_framing{.consumed = 4, .at_end = true},
          wrong_framing{.consumed = 4, .with_message = true, .at_end = true}}) {
        message_reader wrong{framing{each}, blocks};
        wrong.input().append("abc");
        if (each.at_end)
            wrong.end_input();
        const auto outcome = wrong.read(sink, replies);
        EXPECT_EQ(outcome.error(), errc::malformed);
        EXPECT_TRUE(wrong.explain(errc::malformed).starts_with("the framing 'custom' broke its contract"));
        EXPECT_TRUE(sink.seen.empty());
        EXPECT_EQ(wrong.input().size(), 3u);
    }
}

TEST_F(message_reader_test, goes_on_behind_a_message_for_which_its_sink_threw) {
    arrive(frame("one") + frame("two"));
    sink.on_message = [&] {
        if (sink.seen.size() == 1)
            throw std::runtime_error{"for a test"};
    };
    EXPECT_THROW(read(), std::runtime_error);
    EXPECT_EQ(read(), receive_outcome::starved);
    EXPECT_EQ(sink.seen, (lines{"one", "two"}));
}

} // namespace fairlead::test
