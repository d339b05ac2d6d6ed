#include "server/signal_policy.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <vector>

namespace fairlead::test {

namespace {

std::vector<signal_response> responses_to(const std::vector<int>& signals, hangup meaning = hangup::stops) {
    signal_policy policy{meaning};
    std::vector<signal_response> responses;
    for (const int each : signals)
        responses.push_back(policy.respond_to(each));
    return responses;
}

using enum signal_response;
using responses = std::vector<signal_response>;

TEST(signal_policy, stops_at_the_first_signal_and_cuts_off_at_the_second) {
    EXPECT_EQ(responses_to({SIGTERM, SIGTERM}), (responses{stop, cut_off}));
    EXPECT_EQ(responses_to({SIGINT, SIGTERM}), (responses{stop, cut_off}));
    EXPECT_EQ(responses_to({SIGTERM, SIGINT, SIGINT}), (responses{stop, cut_off, cut_off}));
}

TEST(signal_policy, takes_a_hangup_for_the_first_signal_and_never_for_the_second) {
    EXPECT_EQ(responses_to({SIGHUP, SIGHUP, SIGHUP}), (responses{stop, nothing, nothing}));
    EXPECT_EQ(responses_to({SIGTERM, SIGHUP}), (responses{stop, nothing}));
    EXPECT_EQ(responses_to({SIGHUP, SIGTERM, SIGTERM}), (responses{stop, nothing, cut_off}));
}

TEST(signal_policy, reloads_at_each_hangup_until_a_stop_where_it_can) {
    EXPECT_EQ(responses_to({SIGHUP, SIGHUP, SIGTERM, SIGHUP, SIGTERM}, hangup::reloads),
              (responses{reload, reload, stop, nothing, cut_off}));
}

TEST(signal_policy, reports_whenever_it_is_asked_to) {
    EXPECT_EQ(responses_to({SIGUSR1, SIGTERM, SIGUSR1, SIGTERM, SIGUSR1}),
              (responses{report, stop, report, cut_off, report}));
}

} // namespace

} // namespace fairlead::test
