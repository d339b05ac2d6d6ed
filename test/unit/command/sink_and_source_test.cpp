#include "sink_handler.hpp"
#include "source_handler.hpp"

#include "config/serve_plan.hpp"
#include "serve_checks.hpp"

#include "has.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/fixed_size.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>
#include <fairlead/testkit/served.hpp>
#include <fairlead/url.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace std::literals;

namespace fairlead::command {

namespace {

using testkit::served;

constexpr std::size_t more_than_a_block = 100'000;
constexpr std::size_t more_than_several_blocks = 1'000'000; // and than `limits::write_high_watermark`

length_prefixed in_parts() {
    return length_prefixed{{.max_message = 1000, .max_in_parts = 1u << 31}};
}

/// So that the test can set up the peer before.
handler after_a_message(handler inner) {
    return [inner](session& client) mutable -> boost::asio::awaitable<void> {
        const auto first = co_await client.receive();
        if (first)
            co_await inner.serve(client);
    };
}

using options = std::vector<std::pair<std::string, std::string>>;

std::vector<setting> settings_from(const options& given) {
    std::vector<setting> settings{{.name = "listen", .values = {"tcp://127.0.0.1:0"}}};
    for (const auto& [name, value] : given) {
        if (name == "listen")
            settings.front().values = {value};
        else
            settings.push_back({.name = name, .values = {value}});
    }
    return settings;
}

std::string fault_of(const std::string& handler, const options& given) {
    try {
        check(make_plan({.handler = handler, .settings = settings_from(given)}), check_depth::options);
        return "";
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
}

} // namespace

TEST(sink, drops_messages_and_answers_none) {
    served client{in_parts(), sink()};
    EXPECT_EQ(client.take("\0\0\0\3abc\0\0\x10\0"s + std::string(4000, 'x')), "");
    EXPECT_EQ(client.take(std::string(96, 'x')), "");
    EXPECT_FALSE(client.ended());
    client.end();
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(client.close_reason().code, errc::closed);
}

TEST(sink, refuses_a_message_above_the_limit_at_its_header) {
    served client{in_parts(), sink()};
    client.take("\x80\0\0\1"s);
    EXPECT_EQ(client.close_reason().code, errc::message_too_large);
}

TEST(source, sends_so_many_messages_of_zeros_and_ends) {
    served client{in_parts(), source({.size = more_than_a_block, .messages = 2})};
    const std::string one = "\0\1\x86\xA0"s + std::string(more_than_a_block, '\0');
    EXPECT_EQ(client.take(), one + one);
    EXPECT_TRUE(client.ended());
}

TEST(source, repeats_a_block_of_random_bytes) {
    served client{in_parts(), source({.size = more_than_a_block, .messages = 1, .content = "random"})};
    const std::string message = client.take().substr(4);
    constexpr std::size_t block = 64 * 1024;
    ASSERT_EQ(message.size(), more_than_a_block);
    EXPECT_EQ(message.substr(block), message.substr(0, more_than_a_block - block));
    EXPECT_NE(message.substr(0, 100), message.substr(100, 100));
}

TEST(source, waits_for_a_client_that_does_not_read_and_ends_with_it) {
    served client{in_parts(), after_a_message(source({.size = 1u << 30}))};
    client.peer().read_at_most(100);
    client.take("\0\0\0\0"s);
    EXPECT_EQ(client.peer().received().size(), 100u);
    EXPECT_FALSE(client.ended());
    client.advance(29s);
    EXPECT_FALSE(client.ended());
    client.advance(2s);
    EXPECT_EQ(client.close_reason().code, errc::write_timeout);
    EXPECT_TRUE(client.ended());
}

TEST(source, goes_on_for_a_client_that_has_ended_its_side_only) {
    served client{in_parts(), after_a_message(source({.size = more_than_several_blocks, .messages = 3}))};
    client.peer().read_at_most(100);
    client.take("\0\0\0\0"s);
    client.end();
    EXPECT_FALSE(client.ended());
    client.peer().read_everything();
    client.take();
    EXPECT_EQ(client.peer().received().size(), 3 * (4 + more_than_several_blocks));
    EXPECT_TRUE(client.ended());
}

TEST(source, ends_a_message_that_has_begun_before_it_stops) {
    served client{in_parts(), after_a_message(source({.size = more_than_several_blocks}))};
    client.peer().read_at_most(100);
    client.take("\0\0\0\0"s);
    client.stop();
    EXPECT_FALSE(client.ended());
    client.peer().read_everything();
    client.take();
    EXPECT_EQ(client.peer().received().size(), 4 + more_than_several_blocks);
    EXPECT_TRUE(client.ended());
}

TEST(source, drops_what_a_client_sends_and_ends_when_the_framing_refuses_it) {
    served client{in_parts(), after_a_message(source({.size = more_than_several_blocks}))};
    client.peer().read_at_most(100);
    client.take("\0\0\0\0\0\0\0\3abc"s);
    EXPECT_FALSE(client.ended());
    client.take("\xFF\xFF\xFF\xFF"s);
    client.peer().read_everything();
    client.take();
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(client.close_reason().code, errc::message_too_large);
}

TEST(parts_checks, take_messages_of_many_gibibytes_where_the_length_can_say_them) {
    for (const char* const handler : {"sink", "source", "relay"}) {
        options given{{"framing", "length:8"}, {"max-message", "20GiB"}};
        if (handler == "relay"sv)
            given.push_back({"to", "tcp://127.0.0.1:1"});
        EXPECT_EQ(fault_of(handler, given), "") << handler;
        given.front().second = "length";
        EXPECT_TRUE(has(fault_of(handler, given), "lower it to 4294967295 or widen the length")) << handler;
    }
    EXPECT_EQ(fault_of("source", {{"framing", "length:8"}, {"size", "20GiB"}}), "");
    EXPECT_EQ(fault_of("source", {{"framing", "raw"}, {"size", "20GiB"}}), "");
}

TEST(parts_checks, hold_little_in_memory_for_a_large_limit) {
    const serve_plan plan =
        make_plan({.handler = "sink", .settings = settings_from({{"framing", "length:8"}, {"max-message", "20GiB"}})});
    const planned_listener& listener = *plan.listeners.front();
    EXPECT_EQ(framing_of(listener, url::parse("tcp://127.0.0.1:1")).max_message(), 1u << 20);
}

TEST(parts_checks, refuse_messages_that_the_framing_cannot_carry) {
    EXPECT_TRUE(has(fault_of("source", {{"size", "0"}}), "--size 0: "));
    EXPECT_TRUE(
        has(fault_of("source", {{"size", "20GiB"}}), "--size 20GiB is more than --max-message or framing length"));
    EXPECT_TRUE(has(fault_of("source", {{"size", "2MiB"}, {"max-message", "1MiB"}}), "raise --max-message"));
    EXPECT_TRUE(has(fault_of("source", {{"size", "64KiB"}, {"framing", "line"}}), "which pass messages in parts"));
    EXPECT_EQ(fault_of("source", {{"size", "1KiB"}, {"framing", "line"}}), "");
    EXPECT_TRUE(has(fault_of("source", {{"size", "1KiB"}, {"framing", "line"}, {"content", "random"}}),
                    "framing line cannot carry random bytes"));
    EXPECT_TRUE(
        has(fault_of("source", {{"framing", "fixed:4"}, {"size", "3"}}), "framing fixed:4 cannot carry the messages"));
    EXPECT_TRUE(has(fault_of("source", {{"framing", R"(delimiter:\0)"}, {"size", "4"}}), "cannot carry the messages"));
}

TEST(parts_checks, refuse_datagrams) {
    for (const char* const handler : {"sink", "source"})
        EXPECT_TRUE(has(fault_of(handler, {{"listen", "udp://127.0.0.1:0"}}), "needs connections")) << handler;
}

TEST(source, does_not_make_a_large_message_to_check_its_size) {
    constexpr std::size_t most = std::size_t{1} << 62; // no machine has so much
    source_settings{.size = most}.check(line{{.max_message = most}});
    EXPECT_THROW(source_settings{.size = most}.check(fixed_size{7}), std::invalid_argument);
    source_settings{.size = 7}.check(fixed_size{7});
}

} // namespace fairlead::command
