#include "load/load_result.hpp"
#include "test/unit/command/has.hpp"

#include <gtest/gtest.h>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

load_plan plan() {
    load_plan made;
    made.targets = {url::parse("tcp://127.0.0.1:9000")};
    return made;
}

load_result sample_result() {
    load_result made;
    made.measured = 10s;
    made.processor = 2s;
    made.counts.messages = 1'000'000;
    made.counts.bytes_sent = 64'000'000;
    made.counts.bytes_received = 32'000'000;
    made.counts.connects = 64;
    for (int i = 0; i < 100; ++i)
        made.counts.latency.note(100us);
    return made;
}

} // namespace

TEST(short_time, has_three_digits_and_a_unit_that_fits) {
    struct sample {
        std::chrono::nanoseconds time;
        const char* text;
    };
    const sample samples[] = {{0ns, "0 ns"},        {999ns, "999 ns"}, {1us, "1.00 us"},       {85'340ns, "85.3 us"},
                              {99'960ns, "100 us"}, {512us, "512 us"}, {999'600ns, "1.00 ms"}, {12'345us, "12.3 ms"},
                              {1500ms, "1.50 s"},   {3'600s, "3600 s"}};
    for (const sample& each : samples)
        EXPECT_EQ(short_time(each.time), each.text);
}

TEST(headline, says_what_was_done) {
    load_plan shown = plan();
    EXPECT_EQ(headline(shown), "tcp://127.0.0.1:9000, framing length, 64 connections x 1, 64 bytes, closed loop");
    shown.targets = {url::parse("udp://127.0.0.1:9000"), url::parse("udp://127.0.0.1:9001")};
    shown.rate = 500;
    shown.connections = 1;
    EXPECT_EQ(headline(shown),
              "udp://127.0.0.1:9000, udp://127.0.0.1:9001, 1 connection x 1, 64 bytes, 500 messages/s");
}

TEST(table, reports_rates_of_the_measured_time) {
    const std::string shown = table(plan(), sample_result());
    EXPECT_TRUE(has(shown, "measured 10.0 s\n")) << shown;
    EXPECT_TRUE(has(shown, "messages          1000000")) << shown;
    EXPECT_TRUE(has(shown, "rate            100000 /s")) << shown;
    EXPECT_TRUE(has(shown, "64.0 MB   6.4 MB/s of messages")) << shown;
    EXPECT_TRUE(has(shown, "32.0 MB   3.2 MB/s of replies")) << shown;
    EXPECT_TRUE(has(shown, "errors                  0")) << shown;
    EXPECT_TRUE(has(shown, "p99.9            100 us")) << shown;
    EXPECT_TRUE(has(shown, "2.00 us a message, 20 % of a core")) << shown;
    EXPECT_FALSE(has(shown, "unsent")) << "there is nothing due in a closed loop";
}

TEST(table, tells_of_messages_that_could_not_be_sent) {
    load_plan rated = plan();
    rated.rate = 200'000;
    load_result overloaded = sample_result();
    overloaded.counts.due = 2'000'000;
    overloaded.counts.unsent = 1'000'000;
    EXPECT_TRUE(has(table(rated, overloaded), "unsent            1000000   of 2000000 that were due;"));
    EXPECT_FALSE(has(table(rated, overloaded), "dropped"));
    overloaded.counts.dropped = 17;
    EXPECT_TRUE(has(table(rated, overloaded), "dropped                17   were due before the measured time"));
}

TEST(table, tells_what_the_server_used_where_that_was_measured) {
    EXPECT_FALSE(has(table(plan(), sample_result()), "\nserver")) << "it was not asked for";
    load_result with_server = sample_result();
    with_server.server = {.processor = 1s, .replies = 500'000};
    const std::string shown = table(plan(), with_server);
    EXPECT_TRUE(has(shown, "server             1.00 s   2.00 us a message, 10 % of a core")) << shown;
}

TEST(table, names_the_kinds_of_errors_that_there_were) {
    load_result with_errors = sample_result();
    with_errors.counts.note(load_error::timed_out, 3, [] { return ""; });
    with_errors.interrupted = true;
    const std::string shown = table(plan(), with_errors);
    EXPECT_TRUE(has(shown, "errors                  3")) << shown;
    EXPECT_TRUE(has(shown, "timed_out              3   no reply in time")) << shown;
    EXPECT_FALSE(has(shown, "broken")) << shown;
    EXPECT_TRUE(has(shown, "of 10s, then interrupted")) << shown;
}

TEST(table, divides_by_nothing_where_nothing_was_measured) {
    const std::string shown = table(plan(), load_result{});
    EXPECT_TRUE(has(shown, "rate                 0 /s")) << shown;
    EXPECT_FALSE(has(shown, "nan")) << shown;
    EXPECT_FALSE(has(shown, "inf")) << shown;
    EXPECT_FALSE(has(shown, "latency")) << shown;
}

TEST(load_progress, counts_down_the_warm_up_and_then_tells_how_far_it_is) {
    tally counts;
    EXPECT_EQ(load_progress(plan(), 200ms, 0, counts), "warming up, 1 s left  0 /s  no error");
    counts.latency.note(100us);
    counts.note(load_error::lost, 2, [] { return ""; });
    EXPECT_EQ(load_progress(plan(), 4s, 1234.4, counts), "3 s of 10s  1234 /s  p50 100 us  p99 100 us  2 errors");
}

} // namespace fairlead::command
