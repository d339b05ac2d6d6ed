#include "load/load_options.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

load_options to(const std::string& where) {
    load_options options;
    options.urls = {where};
    return options;
}

load_options framed(const std::string& framing, const std::string& size = "64") {
    load_options options = to("tcp://127.0.0.1:9000");
    options.framing = framing;
    options.size = size;
    return options;
}

} // namespace

TEST(load_options, have_a_plan_without_being_told_more_than_where) {
    const load_plan plan = plan_of(to("tcp://127.0.0.1:9000"), {});
    EXPECT_EQ(plan.target(0).to_string(), "tcp://127.0.0.1:9000");
    EXPECT_EQ(plan.framing_name, "length");
    EXPECT_EQ(plan.sizes.least, 64u);
    EXPECT_EQ(plan.stream_timeout, 5s);
    EXPECT_EQ(plan.datagram_timeout, 1s);
    EXPECT_FALSE(plan.rate);
}

TEST(load_options, give_one_timeout_for_streams_and_datagrams) {
    load_options options = to("udp://127.0.0.1:9000");
    options.timeout = 200ms;
    const load_plan plan = plan_of(options, {.timeout = true});
    EXPECT_EQ(plan.stream_timeout, 200ms);
    EXPECT_EQ(plan.datagram_timeout, 200ms);
}

TEST(load_options, spread_connections_over_the_targets) {
    load_options options = to("tcp://127.0.0.1:9000");
    options.urls.push_back("unix://@echo");
    const load_plan plan = plan_of(options, {});
    EXPECT_EQ(plan.target(0).transport, transport::tcp);
    EXPECT_EQ(plan.target(1).transport, transport::unix_stream);
    EXPECT_EQ(plan.target(2).transport, transport::tcp);
}

TEST(load_options, take_the_size_from_a_framing_that_has_but_one) {
    EXPECT_EQ(plan_of(framed("fixed:16"), {}).sizes.most, 16u);
    EXPECT_THROW(plan_of(framed("fixed:16"), {.size = true}), std::invalid_argument);
    EXPECT_EQ(plan_of(framed("fixed:16", "16"), {.size = true}).sizes.least, 16u);
}

// Room for a message is made before a framing could refuse it.
TEST(load_options, refuse_messages_that_do_not_fit_into_memory) {
    EXPECT_THROW(plan_of(framed("length:8", "100TiB"), {.size = true}), std::invalid_argument);
    EXPECT_THROW(plan_of(framed("raw", "1..2GiB"), {.size = true}), std::invalid_argument);
}

TEST(load_options, raise_the_limit_of_a_framing_for_large_messages) {
    for (const char* const framing : {"length", "varint", "line", "delimiter:;", "raw"})
        EXPECT_EQ(plan_of(framed(framing, "1..3MiB"), {.size = true}).sizes.most, 3u << 20) << framing;
    EXPECT_THROW(plan_of(framed("length:1", "256"), {.size = true}), std::invalid_argument);
    EXPECT_THROW(plan_of(framed("length:2", "65536"), {.size = true}), std::invalid_argument);
}

} // namespace fairlead::command
