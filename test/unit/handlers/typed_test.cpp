#include <fairlead/typed.hpp>

#include <fairlead/byte_reader.hpp>
#include <fairlead/byte_writer.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

using replies = std::vector<std::string>;

// Numbers as text; each session says them with one more `!`, which is the state of its codec.
struct shouted_number {
    using value_type = int;
    int decode(bytes_view message) {
        try {
            return std::stoi(to_string(message));
        } catch (const std::exception&) {
            throw malformed_message{"no number"};
        }
    }
    void encode(int value, std::string& message) { message = std::to_string(value) + (mark += '!'); }
    std::string mark;
};

void add_one(const int& number, typed_peer<shouted_number>& from) {
    from.send(number + 1);
}

boost::asio::awaitable<void> sum_up(typed_session<shouted_number>& visitor) {
    int sum = 0;
    while (const auto number = co_await visitor.receive())
        visitor.send(sum += *number);
}

boost::asio::awaitable<void> forgive(typed_session<shouted_number>& visitor) {
    for (;;) {
        try {
            const auto number = co_await visitor.receive(1s);
            if (!number) {
                visitor.untyped().send(number.error().message());
                co_return;
            }
            visitor.send(*number);
        } catch (const malformed_message& refused) {
            visitor.untyped().send(refused.what());
        }
    }
}

} // namespace

TEST(typed, gives_each_message_as_a_value) {
    testkit::served adding{line{}, typed(shouted_number{}, add_one)};
    EXPECT_EQ(adding.take("1\n41\n"), "2!\n42!!\n");
}

TEST(typed, gives_a_session_of_values) {
    testkit::served summing{line{}, typed(shouted_number{}, sum_up)};
    EXPECT_EQ(summing.take("1\n2\n"), "1!\n3!!\n");
    summing.end();
    EXPECT_TRUE(summing.ended());
}

TEST(typed, has_a_codec_for_each_session) {
    const handler both = typed(shouted_number{}, sum_up);
    testkit::served one{line{}, both}, other{line{}, both};
    EXPECT_EQ(one.replies("1"), replies{"1!"});
    EXPECT_EQ(other.replies("1"), replies{"1!"});
    const handler each = typed(shouted_number{}, add_one);
    testkit::served third{line{}, each}, fourth{line{}, each};
    EXPECT_EQ(third.replies("1"), replies{"2!"});
    EXPECT_EQ(fourth.replies("1"), replies{"2!"});
}

TEST(typed, ends_a_session_whose_message_is_no_value) {
    testkit::served adding{line{}, typed(shouted_number{}, add_one)};
    EXPECT_THROW(adding.take("1\none\n2\n"), malformed_message);
    testkit::served summing{line{}, typed(shouted_number{}, sum_up)};
    EXPECT_THROW(summing.take("one\n"), malformed_message);
}

TEST(typed, lets_a_session_go_on_that_catches_the_refusal) {
    testkit::served forgiving{line{}, typed(shouted_number{}, forgive)};
    EXPECT_EQ(forgiving.take("1\none\n2\n"), "1!\nno number\n2!!\n");
    forgiving.advance(1'200ms);
    EXPECT_EQ(forgiving.take(), error_code{errc::timed_out}.message() + "\n");
}

TEST(typed, takes_any_callable_of_either_form) {
    int count = 0;
    testkit::served counting{line{}, typed(shouted_number{}, [&count](int number, auto&) { count += number; })};
    counting.take("1\n2\n");
    EXPECT_EQ(count, 3);
    const auto greet = [](auto& visitor) -> boost::asio::awaitable<void> {
        visitor.send(7);
        co_return;
    };
    EXPECT_EQ((testkit::served{line{}, typed(shouted_number{}, greet)}.take()), "7!\n");
}

} // namespace fairlead::test
