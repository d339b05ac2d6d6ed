#include <fairlead/metrics.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

template <class Ask>
std::string second_refusal(metrics& own, Ask ask) {
    try {
        ask(own);
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "accepted";
}

} // namespace

TEST(metrics, of_the_same_name_are_the_same) {
    metrics own;
    const counter_metric one = own.counter("orders_total", "Orders.");
    const counter_metric again = own.counter("orders_total", "Orders.");
    const counter_metric copy = one;
    one.add();
    again.add(2);
    copy.add(4);
    EXPECT_EQ(one.value(), 7u);
    EXPECT_EQ(own.text(), "# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total 7\n");
}

TEST(metrics, are_told_apart_by_the_values_of_their_labels_in_any_order) {
    metrics own;
    own.counter("orders_total", "Orders.", {{"kind", "new"}, {"at", "sea"}}).add();
    own.counter("orders_total", "Orders.", {{"at", "sea"}, {"kind", "new"}}).add();
    own.counter("orders_total", "Orders.", {{"at", "sea"}, {"kind", "old"}}).add();
    EXPECT_EQ(own.text(), "# HELP orders_total Orders.\n# TYPE orders_total counter\n"
                          "orders_total{at=\"sea\",kind=\"new\"} 2\norders_total{at=\"sea\",kind=\"old\"} 1\n");
}

TEST(metrics, of_one_name_must_be_alike) {
    metrics own;
    own.counter("orders_total", "Orders.", {{"kind", "new"}});
    own.histogram("wait_seconds", "Waits.", {1, 2});
    EXPECT_EQ(second_refusal(own,
                             [](metrics& m) {
                                 m.counter("orders_total", "Others.", {{"kind", "new"}});
                             }),
              "counter 'orders_total': counter 'orders_total' exists already with the help 'Orders.'; use the same "
              "help, or another name");
    EXPECT_EQ(second_refusal(own, [](metrics& m) { m.counter("orders_total", "Orders."); }),
              "counter 'orders_total': counter 'orders_total' exists already with other labels; give each use of a "
              "name the same names of labels");
    EXPECT_EQ(second_refusal(own, [](metrics& m) { m.gauge("wait_seconds", "Waits."); }),
              "gauge 'wait_seconds': histogram 'wait_seconds' exists already and has the same name in a format; choose "
              "another name");
    EXPECT_EQ(second_refusal(own, [](metrics& m) { m.gauge("orders", "Orders."); }),
              "gauge 'orders': counter 'orders_total' exists already and has the same name in a format; choose another "
              "name")
        << "OpenMetrics calls the counter orders";
    EXPECT_EQ(second_refusal(own,
                             [](metrics& m) {
                                 m.histogram("wait_seconds", "Waits.", {1, 3});
                             }),
              "histogram 'wait_seconds': histogram 'wait_seconds' exists already with other buckets; give each use the "
              "same ones");
    EXPECT_EQ(second_refusal(own, [](metrics& m) { m.histogram("wait_seconds", "Waits.", {1, 2}); }), "accepted");
}

TEST(metrics, are_not_made_without_end) {
    metrics own;
    for (std::size_t i = 0; i < metrics::max_series; ++i)
        own.gauge("open", "Open.", {{"peer", std::to_string(i)}}).set(1);
    EXPECT_THROW(own.gauge("open", "Open.", {{"peer", "one more"}}), std::length_error);
    EXPECT_THROW(own.counter("orders_total", "Orders."), std::length_error);
    own.gauge("open", "Open.", {{"peer", "7"}}).set(2);
    EXPECT_NE(own.text().find("open{peer=\"7\"} 2\n"), std::string::npos);
    EXPECT_EQ(own.text().find("orders"), std::string::npos);
}

TEST(metrics, may_end_before_their_handles) {
    auto own = std::make_optional<metrics>();
    const auto counted = own->counter("a_total", "A.");
    const auto set = own->gauge("b", "B.");
    const auto observed = own->histogram("c", "C.", {1});
    own.reset();
    counted.add();
    set.set(2);
    observed.observe(3);
    EXPECT_EQ(counted.value(), 1u);
    EXPECT_EQ(set.value(), 2);
    EXPECT_EQ(observed.sum(), 3);
}

TEST(metrics, of_present_values_are_set_and_changed) {
    metrics own;
    const auto open = own.gauge("open", "Open.");
    open.add(2.5);
    open.add(-3);
    EXPECT_EQ(open.value(), -0.5);
    open.set(1e300);
    EXPECT_NE(own.text().find("\nopen 1e+300\n"), std::string::npos) << own.text();
}

TEST(metrics, count_observations_up_to_each_limit) {
    metrics own;
    const auto waits = own.histogram("wait_seconds", "Waits.", {0.5, 1, 2.5}, {{"kind", "new"}});
    for (const double each : {0.5, 0.25, 0.75, 1.0, 2.0, 100.0})
        waits.observe(each);
    EXPECT_EQ(waits.count(), 6u);
    EXPECT_EQ(waits.sum(), 104.5);
    EXPECT_EQ(own.text(), "# HELP wait_seconds Waits.\n"
                          "# TYPE wait_seconds histogram\n"
                          "wait_seconds_bucket{kind=\"new\",le=\"0.5\"} 2\n"
                          "wait_seconds_bucket{kind=\"new\",le=\"1\"} 4\n"
                          "wait_seconds_bucket{kind=\"new\",le=\"2.5\"} 5\n"
                          "wait_seconds_bucket{kind=\"new\",le=\"+Inf\"} 6\n"
                          "wait_seconds_sum{kind=\"new\"} 104.5\n"
                          "wait_seconds_count{kind=\"new\"} 6\n");
}

TEST(metrics, keep_the_sum_of_observations_growing) {
    metrics own;
    const auto waits = own.histogram("wait_seconds", "Waits.", {0, 1});
    waits.observe(2);
    waits.observe(-5);
    waits.observe(std::numeric_limits<double>::quiet_NaN());
    EXPECT_EQ(waits.sum(), 2);
    EXPECT_EQ(waits.count(), 3u);
    EXPECT_NE(own.text().find("{le=\"0\"} 2\n"), std::string::npos) << own.text();
}

TEST(metrics, of_times_are_in_seconds) {
    metrics own;
    const auto waits = own.histogram("wait_seconds", "Waits.", {0.0625, 1});
    waits.observe(std::chrono::microseconds{62'500});
    waits.observe(std::chrono::seconds{2});
    waits.observe(std::chrono::seconds{-2});
    EXPECT_EQ(waits.sum(), 2.0625);
    EXPECT_NE(own.text().find("{le=\"0.0625\"} 2\n"), std::string::npos) << own.text();
}

TEST(metrics, are_made_and_read_by_several_threads) {
    metrics own;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&own] {
            for (int round = 0; round < 200; ++round) {
                own.counter("orders_total", "Orders.", {{"kind", std::to_string(round % 10)}}).add();
                own.histogram("wait", "Waits.", {1}).observe(1);
                if (round % 50 == 0) {
                    EXPECT_FALSE(own.text().empty());
                }
            }
        });
    }
    threads.clear();
    EXPECT_EQ(own.counter("orders_total", "Orders.", {{"kind", "3"}}).value(), 80u);
    EXPECT_EQ(own.histogram("wait", "Waits.", {1}).count(), 800u);
}

} // namespace fairlead::test
