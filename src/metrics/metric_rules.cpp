#include "metrics/metric_rules.hpp"

#include "core/utf8_check.hpp"

#include <fairlead/printable.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

namespace fairlead {

namespace {

constexpr std::string_view counter_ending = "_total";
constexpr std::string_view reserved_endings[] = {"_total", "_count", "_sum", "_bucket", "_created", "_info"};

[[noreturn]] void refuse_metric(const metric_request& wanted, const std::string& why) {
    throw std::invalid_argument{describe(wanted) + ": " + why};
}

bool is_plain_name(std::string_view name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || is_digit(c); });
}

void check_metric_name(const metric_request& wanted) {
    if (!is_plain_name(wanted.name))
        refuse_metric(wanted, "use letters, digits and underscores, and no digit first");
    if (wanted.name.starts_with("fairlead_"))
        refuse_metric(wanted, "names that begin with fairlead_ are those of the server; choose another name");
    if (wanted.kind == metric_kind::counter && !wanted.name.ends_with(counter_ending))
        refuse_metric(wanted, "the name of a counter ends in _total; call it " + wanted.name + "_total");
    const std::string_view base = base_name(wanted);
    for (const std::string_view each : reserved_endings) {
        if (base.ends_with(each) || base.empty())
            refuse_metric(wanted,
                          "formats use the ending " + std::string{each} + " for other purposes; choose another name");
    }
}

void check_labels(const metric_request& wanted) {
    std::vector<std::string_view> seen;
    for (const auto& [name, value] : wanted.labels) {
        const std::string shown = "label '" + printable(name) + "': ";
        if (!is_plain_name(name))
            refuse_metric(wanted, shown + "use letters, digits and underscores, and no digit first");
        if (name.starts_with("__") || name == "le" || name == "quantile")
            refuse_metric(wanted, shown + "the name is reserved; choose another name");
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            refuse_metric(wanted, shown + "it is given twice; remove one");
        if (!is_utf8(value))
            refuse_metric(wanted, shown + "its value is not UTF-8; pass it through printable()");
        seen.push_back(name);
    }
}

void check_buckets(const metric_request& wanted) {
    const auto& limits = wanted.buckets;
    if (limits.empty() || limits.size() > metrics::max_buckets)
        refuse_metric(wanted, "give it 1 to " + std::to_string(metrics::max_buckets) + " buckets");
    const auto is_wrong = [](double limit) { return !std::isfinite(limit) || limit < 0; };
    if (std::any_of(limits.begin(), limits.end(), is_wrong))
        refuse_metric(wanted, "a bucket is the upper limit of its values: a finite number, 0 or more");
    if (std::adjacent_find(limits.begin(), limits.end(), std::greater_equal<>{}) != limits.end())
        refuse_metric(wanted, "sort the buckets and give each once");
}

} // namespace

std::string describe(const metric_request& wanted) {
    return std::string{to_string(wanted.kind)} + " '" + printable(wanted.name) + "'";
}

std::string_view base_name(const metric_request& wanted) noexcept {
    std::string_view base = wanted.name;
    if (wanted.kind == metric_kind::counter && base.ends_with(counter_ending))
        base.remove_suffix(counter_ending.size());
    return base;
}

void check_metric(const metric_request& wanted) {
    check_metric_name(wanted);
    if (wanted.help.empty() || !is_utf8(wanted.help))
        refuse_metric(wanted, "its help is empty or not UTF-8; say in a sentence what it counts");
    check_labels(wanted);
    if (wanted.kind == metric_kind::histogram)
        check_buckets(wanted);
}

} // namespace fairlead
