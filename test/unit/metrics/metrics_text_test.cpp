#include "support/metrics_parser.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

constexpr metrics_format both_formats[] = {metrics_format::prometheus, metrics_format::openmetrics};

class random_metrics {
public:
    explicit random_metrics(unsigned seed) : random_{seed} {}

    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_); }

    std::string text() {
        static const std::vector<std::string> pieces = {
            "\\", "\"", "\n", "\r", "a", " ", "}", "{", "#", ",", "=", "n", "\t", "\xC3\xA9", "\xE8\x88\xB9", "# EOF"};
        std::string made;
        for (std::size_t i = below(12); i > 0; --i)
            made += pieces[below(pieces.size())];
        return made;
    }

    std::string name(const std::string& end) {
        static constexpr std::string_view letters = "abcXYZ_09";
        std::string made = "m" + std::to_string(count_++); // another one each time
        for (std::size_t i = below(6); i > 0; --i)
            made += letters[below(letters.size())];
        return made + "x" + end;
    }

    metric_labels labels() {
        metric_labels made;
        for (std::size_t i = below(4); i > 0; --i)
            made.push_back({name(""), text()});
        return made;
    }

    double number() { return std::ldexp(static_cast<double>(random_()), static_cast<int>(below(200)) - 100); }

private:
    std::mt19937 random_;
    int count_ = 0;
};

// What is read back, apart from the labels and values of samples.
void expect_read(const read_metric& read, const std::string& name, const std::string& help, std::size_t samples) {
    EXPECT_EQ(read.name, name);
    EXPECT_EQ(read.help, help);
    ASSERT_EQ(read.samples.size(), samples);
}

metric_labels sorted(metric_labels labels) {
    std::sort(labels.begin(), labels.end());
    return labels;
}

std::string complaint(std::string_view text, metrics_format format = metrics_format::prometheus) {
    try {
        metrics_parser{format}.parse(text);
    } catch (const std::runtime_error& e) {
        const std::string_view why = e.what();
        return std::string{why.substr(0, why.find(':'))};
    }
    return "none";
}

} // namespace

TEST(metrics_text, gives_back_any_names_help_and_labels_in_both_formats) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        random_metrics random{seed};
        const std::string help = random.text() + ".";
        const metric_labels labels = random.labels();
        const std::string counter = random.name("_total");
        const std::string gauge = random.name("");
        const std::string histogram = random.name("");
        const double value = random.number();
        metrics own;
        own.counter(counter, help, labels).add(seed);
        own.gauge(gauge, help, labels).set(value);
        const auto observed = own.histogram(histogram, help, {0.5, 1, 1e9}, labels);
        observed.observe(value);
        for (const metrics_format format : both_formats) {
            SCOPED_TRACE(own.text(format));
            const auto read = metrics_parser{format}.parse(own.text(format));
            ASSERT_EQ(read.size(), 3u); // in the order of their names, which begin with m0, m1, m2 or so
            std::map<std::string, read_metric> by_type;
            for (const read_metric& each : read)
                by_type[each.type] = each;
            const bool open = format == metrics_format::openmetrics;
            expect_read(by_type["counter"], open ? counter.substr(0, counter.size() - 6) : counter, help, 1);
            EXPECT_EQ(by_type["counter"].samples[0].labels, sorted(labels));
            EXPECT_EQ(by_type["counter"].samples[0].value, seed);
            expect_read(by_type["gauge"], gauge, help, 1);
            EXPECT_EQ(by_type["gauge"].samples[0].labels, sorted(labels));
            EXPECT_EQ(by_type["gauge"].samples[0].value, value);
            expect_read(by_type["histogram"], histogram, help, 6);
            EXPECT_EQ(by_type["histogram"].samples[4].value, value);
            EXPECT_EQ(by_type["histogram"].samples[5].value, 1);
        }
    }
}

TEST(metrics_text, of_no_metrics_is_empty) {
    EXPECT_EQ(metrics{}.text(), "");
    EXPECT_EQ(metrics{}.text(metrics_format::openmetrics), "# EOF\n");
}

TEST(metrics_parser, finds_what_is_wrong_with_a_text) {
    const std::string good = "# HELP a A.\n# TYPE a gauge\na{b=\"c\"} 1\n";
    EXPECT_EQ(complaint(good), "none");
    EXPECT_EQ(complaint(good + "a{b=\"c\"} 2\n"), "a series for the second time");
    EXPECT_EQ(complaint(good + "b 2\n"), "a sample of another metric");
    EXPECT_EQ(complaint(good + "a  2\n"), "no number");
    EXPECT_EQ(complaint(good + "a 2 3\n"), "text behind a number");
    EXPECT_EQ(complaint(good + "a{b=\"\\d\"} 2\n"), "an escape that the format does not have");
    EXPECT_EQ(complaint(good + good), "a metric for the second time");
    EXPECT_EQ(complaint(good + "a 2"), "the last line has no end");
    EXPECT_EQ(complaint(good, metrics_format::openmetrics), "# EOF is missing or too much");
    EXPECT_EQ(complaint(good + "# EOF\na 1\n", metrics_format::openmetrics), "text behind # EOF");
    EXPECT_EQ(complaint("# HELP a A \"b\"\n", metrics_format::openmetrics), "a quote that is not escaped");
    EXPECT_EQ(complaint("# HELP a A.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 2\n"),
              "a count that is not the last bucket");
}

} // namespace fairlead::test
