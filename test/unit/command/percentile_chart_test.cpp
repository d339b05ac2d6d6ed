#include "load/percentile_chart.hpp"
#include "test/unit/command/has.hpp"

#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

latency_histogram of(int count) {
    latency_histogram latency;
    for (int i = 1; i <= count; ++i)
        latency.note(i * 1us);
    return latency;
}

// Pairs of x and y.
std::vector<std::pair<double, double>> points(const std::string& svg) {
    const auto begin = svg.find("points=\"") + 8;
    std::istringstream text{svg.substr(begin, svg.find('"', begin) - begin)};
    std::vector<std::pair<double, double>> found;
    char comma;
    for (double x, y; text >> x >> comma >> y;)
        found.emplace_back(x, y);
    return found;
}

} // namespace

TEST(percentile_chart, labels_its_axes_and_marks_percentiles) {
    const std::string svg = percentile_chart(of(1'000), "an echo");
    for (const char* const part : {"an echo", "percentile of 1000 messages", ">latency<", ">0 %<", ">90 %<", ">99 %<",
                                   ">99.9 %<", ">1.00 us<", ">1.00 ms<", "p50 5", "p99 9", "max 1.00 ms"})
        EXPECT_TRUE(has(svg, part)) << part;
    EXPECT_FALSE(has(svg, ">99.99 %<")) << "a thousand messages cannot tell";
}

TEST(percentile_chart, rises_from_left_to_right_within_its_frame) {
    const auto curve = points(percentile_chart(of(10'000), ""));
    ASSERT_GT(curve.size(), 100u);
    for (std::size_t at = 1; at < curve.size(); ++at) {
        EXPECT_GT(curve[at].first, curve[at - 1].first);
        EXPECT_LE(curve[at].second, curve[at - 1].second) << "y counts downwards";
    }
    for (const auto& [x, y] : curve) {
        EXPECT_TRUE(x >= 90 && x <= 870) << x;
        EXPECT_TRUE(y >= 70 && y <= 400) << y;
    }
}

TEST(percentile_chart, is_not_broken_by_a_title) {
    const std::string svg = percentile_chart(of(1), "<a> & \x01");
    EXPECT_TRUE(has(svg, "&lt;a&gt; &amp; \\x01"));
    EXPECT_FALSE(has(svg, "\x01"));
}

TEST(percentile_chart, of_nothing_has_no_curve) {
    const std::string svg = percentile_chart(latency_histogram{}, "");
    EXPECT_TRUE(has(svg, "percentile of 0 messages"));
    EXPECT_FALSE(has(svg, "<polyline"));
    EXPECT_FALSE(has(svg, "nan"));
}

TEST(percentile_chart, bears_extremes) {
    latency_histogram latency;
    latency.note(0ns);
    latency.note(100h);
    const std::string svg = percentile_chart(latency, "");
    EXPECT_FALSE(has(svg, "nan"));
    EXPECT_FALSE(has(svg, "inf"));
}

} // namespace fairlead::command
