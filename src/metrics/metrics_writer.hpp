#pragma once

#include <fairlead/metrics.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead {

enum class metric_kind : std::uint8_t { counter, gauge, histogram };

std::string_view to_string(metric_kind kind) noexcept;

/// Writes metrics as text. All samples of a metric follow its `begin`; the names of metrics differ.
///
///     begin(counter, "orders", "Orders taken.")       # HELP orders_total Orders taken.
///                                                     # TYPE orders_total counter
///     sample("_total", {{"kind", "new"}}, 7)          orders_total{kind="new"} 7
///
/// Names are valid, and texts are UTF-8; texts are escaped here.
class metrics_writer {
public:
    explicit metrics_writer(metrics_format format) noexcept : format_{format} {}

    /// Begins a metric. The `name` of a counter is the one without `_total`.
    void begin(metric_kind kind, std::string_view name, std::string_view help);

    void sample(std::string_view suffix, const metric_labels& labels, std::uint64_t value);
    void sample(std::string_view suffix, const metric_labels& labels, double value);

    /// Returns the value of the label `le`, the upper limit of a bucket.
    std::string bucket_limit(double limit) const;

    /// Ends and returns the text.
    std::string finish();

private:
    void write_name(std::string_view suffix, const metric_labels& labels);

    const metrics_format format_;
    std::string name_;
    std::string text_;
};

} // namespace fairlead
