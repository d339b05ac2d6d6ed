#include <fairlead/metrics.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

std::string refusal(const std::function<void(metrics&)>& ask) {
    metrics own;
    try {
        ask(own);
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "accepted";
}

std::string counter_refusal(const std::string& name, const metric_labels& labels = {}) {
    return refusal([&](metrics& own) { own.counter(name, "Help.", labels); });
}

std::string gauge_refusal(const std::string& name) {
    return refusal([&](metrics& own) { own.gauge(name, "Help."); });
}

std::string bucket_refusal(const std::vector<double>& buckets) {
    return refusal([&](metrics& own) { own.histogram("wait_seconds", "Help.", buckets); });
}

void expect_advice(const std::string& refused, const std::string& advice) {
    EXPECT_NE(refused.find(advice), std::string::npos) << refused;
}

} // namespace

TEST(metric_rules, accept_names_of_letters_digits_and_underscores) {
    EXPECT_EQ(counter_refusal("orders_total"), "accepted");
    EXPECT_EQ(counter_refusal("_A9_total"), "accepted");
    EXPECT_EQ(gauge_refusal("order"), "accepted");
    EXPECT_EQ(gauge_refusal("summary"), "accepted");
}

TEST(metric_rules, refuse_other_names) {
    for (const char* name : {"", "9orders_total", "orders-total", "orders total", "job:orders_total", "ördersx_total",
                             "orders_total\n", "a{b}_total"})
        expect_advice(counter_refusal(name), "use letters, digits and underscores, and no digit first");
    EXPECT_EQ(gauge_refusal("a\x1B"), "gauge 'a\\x1B': use letters, digits and underscores, and no digit first");
}

TEST(metric_rules, name_the_right_ending_of_a_counter) {
    EXPECT_EQ(counter_refusal("orders"),
              "counter 'orders': the name of a counter ends in _total; call it orders_total");
}

TEST(metric_rules, refuse_endings_that_formats_use) {
    for (const char* name :
         {"orders_total", "orders_count", "orders_sum", "orders_bucket", "orders_created", "orders_info"})
        expect_advice(gauge_refusal(name), "for other purposes; choose another name");
    expect_advice(counter_refusal("orders_count_total"), "formats use the ending _count for other purposes");
    expect_advice(counter_refusal("_total"), "choose another name");
}

TEST(metric_rules, keep_the_names_of_the_server) {
    expect_advice(counter_refusal("fairlead_orders_total"), "are those of the server");
}

TEST(metric_rules, refuse_a_help_that_says_nothing_or_is_no_text) {
    expect_advice(refusal([](metrics& own) { own.gauge("a", ""); }), "its help is empty or not UTF-8");
    expect_advice(refusal([](metrics& own) { own.gauge("a", "\xFF"); }), "its help is empty or not UTF-8");
}

TEST(metric_rules, refuse_wrong_labels) {
    EXPECT_EQ(counter_refusal("a_total", {{"kind", "a\nb\"c\\ é"}, {"to", ""}}), "accepted");
    expect_advice(counter_refusal("a_total", {{"ki nd", "new"}}), "label 'ki nd': use letters");
    expect_advice(counter_refusal("a_total", {{"", "new"}}), "label '': use letters");
    for (const char* name : {"__name__", "__x", "le", "quantile"})
        expect_advice(counter_refusal("a_total", {{name, "new"}}), "the name is reserved");
    expect_advice(counter_refusal("a_total", {{"kind", "new"}, {"kind", "old"}}), "label 'kind': it is given twice");
    expect_advice(counter_refusal("a_total", {{"kind", "\xC3"}}), "label 'kind': its value is not UTF-8");
}

TEST(metric_rules, refuse_buckets_that_are_no_growing_limits) {
    EXPECT_EQ(bucket_refusal({0, 0.5, 1e9}), "accepted");
    expect_advice(bucket_refusal({}), "give it 1 to 100 buckets");
    expect_advice(bucket_refusal(std::vector<double>(101, 1.0)), "give it 1 to 100 buckets");
    expect_advice(bucket_refusal({1, 1}), "sort the buckets and give each once");
    expect_advice(bucket_refusal({2, 1}), "sort the buckets and give each once");
    for (const double wrong : {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
        expect_advice(bucket_refusal({wrong}), "a finite number, 0 or more");
}

} // namespace fairlead::test
