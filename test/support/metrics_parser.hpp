#pragma once

#include <fairlead/metrics.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

/// One line of a metric as a reader of the text sees it.
struct read_sample {
    std::string name;
    metric_labels labels;
    double value = 0;
};

/// A metric as a reader of the text sees it.
struct read_metric {
    std::string name;
    std::string type;
    std::string help;
    std::vector<read_sample> samples;
};

/// Reads the text of metrics and takes nothing but the strict form: HELP, TYPE, samples, each metric once, no series twice, only
/// the escapes of the format, one space between words, histograms whole. Errors: throws std::runtime_error with the line.
class metrics_parser {
public:
    explicit metrics_parser(metrics_format format) : open_{format == metrics_format::openmetrics} {}

    std::vector<read_metric> parse(std::string_view text) {
        while (!text.empty()) {
            const auto end = text.find('\n');
            line_ = rest_ = text.substr(0, end);
            expect(end != text.npos, "the last line has no end");
            expect(!ended_, "text behind # EOF");
            read_line();
            text.remove_prefix(end + 1);
        }
        rest_ = {};
        expect(ended_ == open_, "# EOF is missing or too much");
        finish_metric();
        return std::move(found_);
    }

private:
    void expect(bool held, const char* why) const {
        if (!held)
            throw std::runtime_error{std::string{why} + ": " + std::string{line_}};
    }

    bool take(std::string_view word) {
        if (!rest_.starts_with(word))
            return false;
        rest_.remove_prefix(word.size());
        return true;
    }

    std::string take_name() {
        const auto size = std::min(rest_.size(), rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"));
        expect(size != 0 && (rest_[0] < '0' || rest_[0] > '9'), "no name");
        const std::string name{rest_.substr(0, size)};
        rest_.remove_prefix(size);
        return name;
    }

    // To the end of the line, or to the quote that ends a value of a label.
    std::string take_text(bool quoted, bool escapes_quotes) {
        std::string text;
        while (!rest_.empty() && !(quoted && rest_[0] == '"')) {
            if (take("\\n"))
                text += '\n';
            else if (take("\\\\"))
                text += '\\';
            else if (escapes_quotes && take("\\\""))
                text += '"';
            else {
                expect(rest_[0] != '\\', "an escape that the format does not have");
                expect(!escapes_quotes || rest_[0] != '"', "a quote that is not escaped");
                text += rest_[0];
                rest_.remove_prefix(1);
            }
        }
        return text;
    }

    double take_number() {
        if (take("+Inf"))
            return std::numeric_limits<double>::infinity();
        if (take("-Inf"))
            return -std::numeric_limits<double>::infinity();
        if (take("NaN"))
            return std::nan("");
        double value = 0;
        const auto [end, failed] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        expect(failed == std::errc{}, "no number");
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    void read_line() {
        if (open_ && line_ == "# EOF") {
            ended_ = true;
        } else if (take("# HELP ")) {
            finish_metric();
            const std::string name = take_name();
            expect(take(" "), "no space");
            expect(names_.insert(name).second, "a metric for the second time");
            found_.push_back({name, "", take_text(false, open_), {}});
        } else if (take("# TYPE ")) {
            expect(!found_.empty() && found_.back().type.empty(), "TYPE is not behind HELP");
            expect(take_name() == found_.back().name && take(" "), "TYPE of another metric");
            found_.back().type = take_name();
            expect(rest_.empty(), "text behind TYPE");
        } else {
            read_sample_line();
        }
    }

    void read_sample_line() {
        expect(!found_.empty() && !found_.back().type.empty(), "a sample without TYPE");
        read_sample read;
        read.name = take_name();
        expect(belongs(read.name), "a sample of another metric");
        if (take("{")) {
            do {
                const std::string name = take_name();
                expect(take("=\""), "no value of a label");
                read.labels.push_back({name, take_text(true, true)});
                expect(take("\""), "a value of a label without an end");
            } while (take(","));
            expect(take("}"), "labels without an end");
        }
        expect(take(" "), "no space");
        read.value = take_number();
        expect(rest_.empty(), "text behind a number");
        metric_labels sorted = read.labels;
        std::sort(sorted.begin(), sorted.end());
        expect(series_.insert({read.name, sorted}).second, "a series for the second time");
        found_.back().samples.push_back(std::move(read));
    }

    bool belongs(const std::string& sample) const {
        const read_metric& metric = found_.back();
        if (metric.type == "counter")
            return sample == (open_ ? metric.name + "_total" : metric.name) && sample.ends_with("_total");
        if (metric.type == "gauge")
            return sample == metric.name;
        return metric.type == "histogram" && (sample == metric.name + "_bucket" || sample == metric.name + "_sum" ||
                                              sample == metric.name + "_count");
    }

    // Buckets grow up to +Inf, which is the count; the sum stands between them.
    void finish_metric() const {
        if (found_.empty() || found_.back().type != "histogram")
            return;
        double limit = -1;
        double count = 0;
        for (const auto& [name, labels, value] : found_.back().samples) {
            if (name.ends_with("_bucket")) {
                expect(!labels.empty() && labels.back().name == "le", "a bucket without a limit");
                const double next = metrics_parser{*this}.limit_of(labels.back().value);
                expect(next > limit && value >= count, "buckets that do not grow");
                limit = next;
                count = value;
            } else if (name.ends_with("_count")) {
                expect(std::isinf(limit) && value == count, "a count that is not the last bucket");
                limit = -1;
                count = 0;
            }
        }
        expect(limit == -1, "a histogram without its count");
    }

    double limit_of(std::string_view text) {
        expect(!open_ || text.find_first_of(".eI") != text.npos, "a limit of OpenMetrics without a point");
        rest_ = text;
        return take_number();
    }

    const bool open_;
    bool ended_ = false;
    std::string_view line_;
    std::string_view rest_;
    std::set<std::string> names_;
    std::set<std::pair<std::string, metric_labels>> series_;
    std::vector<read_metric> found_;
};

} // namespace fairlead::test
