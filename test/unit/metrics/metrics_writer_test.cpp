#include "metrics/metrics_writer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace fairlead::test {

namespace {

std::string gauge_text(double value) {
    metrics_writer out{metrics_format::prometheus};
    out.begin(metric_kind::gauge, "g", "G.");
    out.sample("", {}, value);
    const std::string text = out.finish();
    return text.substr(text.find("\ng ") + 3);
}

std::string one_of_each(metrics_format format) {
    metrics_writer out{format};
    out.begin(metric_kind::counter, "orders", "Orders \"taken\"\nin C:\\.");
    out.sample("_total", {{"a", "x\"y\\z\n"}, {"b", ""}}, std::uint64_t{18'446'744'073'709'551'615u});
    out.begin(metric_kind::gauge, "open", "Open.");
    out.sample("", {}, 0.1);
    out.begin(metric_kind::histogram, "wait", "Waits.");
    out.sample("_bucket", {{"le", out.bucket_limit(1)}}, std::uint64_t{2});
    return out.finish();
}

} // namespace

TEST(metrics_writer, writes_the_format_of_prometheus) {
    EXPECT_EQ(one_of_each(metrics_format::prometheus),
              "# HELP orders_total Orders \"taken\"\\nin C:\\\\.\n"
              "# TYPE orders_total counter\n"
              "orders_total{a=\"x\\\"y\\\\z\\n\",b=\"\"} 18446744073709551615\n"
              "# HELP open Open.\n"
              "# TYPE open gauge\n"
              "open 0.1\n"
              "# HELP wait Waits.\n"
              "# TYPE wait histogram\n"
              "wait_bucket{le=\"1\"} 2\n");
}

TEST(metrics_writer, writes_openmetrics) {
    EXPECT_EQ(one_of_each(metrics_format::openmetrics),
              "# HELP orders Orders \\\"taken\\\"\\nin C:\\\\.\n"
              "# TYPE orders counter\n"
              "orders_total{a=\"x\\\"y\\\\z\\n\",b=\"\"} 18446744073709551615\n"
              "# HELP open Open.\n"
              "# TYPE open gauge\n"
              "open 0.1\n"
              "# HELP wait Waits.\n"
              "# TYPE wait histogram\n"
              "wait_bucket{le=\"1.0\"} 2\n"
              "# EOF\n");
}

TEST(metrics_writer, writes_the_shortest_numbers_that_read_back_equal) {
    EXPECT_EQ(gauge_text(0), "0\n");
    EXPECT_EQ(gauge_text(0.1 + 0.2), "0.30000000000000004\n");
    EXPECT_EQ(gauge_text(1e23), "1e+23\n");
    EXPECT_EQ(gauge_text(-2.5e-7), "-2.5e-07\n");
    EXPECT_EQ(gauge_text(std::numeric_limits<double>::max()), "1.7976931348623157e+308\n");
    EXPECT_EQ(gauge_text(std::numeric_limits<double>::infinity()), "+Inf\n");
    EXPECT_EQ(gauge_text(-std::numeric_limits<double>::infinity()), "-Inf\n");
    EXPECT_EQ(gauge_text(std::nan("")), "NaN\n");
}

TEST(metrics_writer, has_one_form_for_limits_of_buckets) {
    const metrics_writer plain{metrics_format::prometheus};
    const metrics_writer open{metrics_format::openmetrics};
    EXPECT_EQ(plain.bucket_limit(10), "10");
    EXPECT_EQ(open.bucket_limit(10), "10.0");
    EXPECT_EQ(open.bucket_limit(0.25), "0.25");
    EXPECT_EQ(open.bucket_limit(1e100), "1e+100");
    EXPECT_EQ(open.bucket_limit(std::numeric_limits<double>::infinity()), "+Inf");
}

TEST(metrics_writer, names_the_content_type_of_each_format) {
    EXPECT_EQ(content_type(metrics_format::prometheus), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(content_type(metrics_format::openmetrics), "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

} // namespace fairlead::test
