#pragma once

#include "session/session_impl.hpp"
#include "support/session_fixture.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/metrics.hpp>
#include <fairlead/topics.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace fairlead::test {

/// A session over a stream in memory, whose messages are lines, and its far end.
struct line_session {
    explicit line_session(fairlead::shard& home, framing rules = line{})
        : line_session{home, make(home), std::move(rules)} {}

    /// Reads no more than that many bytes from now on.
    void read_only(std::size_t bytes) { far.read_at_most(bytes); }

    testkit::memory_peer far;
    std::shared_ptr<session_impl> peer;

private:
    static testkit::memory_connection make(fairlead::shard& home) { return testkit::make_memory_stream(home); }
    line_session(fairlead::shard& home, testkit::memory_connection connection, framing rules)
        : far{connection.far}, peer{make_session(core_of(home), std::move(connection.near), std::move(rules),
                                                 std::make_shared<const limits>())} {}
};

// The values of metrics for the topics without a prefix of their own.

inline std::uint64_t topic_losses(metrics& in, const std::string& cause) {
    return in
        .counter("topic_losses_total", "Messages of topics that were not sent to a subscriber, by cause.",
                 {{"cause", cause}, {"prefix", "other"}})
        .value();
}

inline std::uint64_t topic_deliveries(metrics& in) {
    return in
        .counter("topic_deliveries_total", "Messages of topics that were queued for a subscriber.",
                 {{"prefix", "other"}})
        .value();
}

/// Topics, and a shard that the test runs.
class topics_fixture : public ::testing::Test {
protected:
    topics& rooms() {
        if (!rooms_) {
            rooms_ = std::make_unique<topics>(options);
            rooms_->count_in(counts);
        }
        return *rooms_;
    }

    void publish(std::string_view topic, const std::string& message) { EXPECT_TRUE(rooms().publish(topic, message)); }

    void run() { run_ready(home); }

    void pass(std::chrono::milliseconds duration) {
        clock.advance(duration);
        run();
    }

    std::uint64_t losses(const std::string& cause) { return topic_losses(counts, cause); }
    std::uint64_t deliveries() { return topic_deliveries(counts); }

    topics_options options;
    metrics counts;

private:
    std::unique_ptr<topics> rooms_; // outlives the shard

protected:
    shard home;
    testkit::manual_clock clock{home};
};

} // namespace fairlead::test
