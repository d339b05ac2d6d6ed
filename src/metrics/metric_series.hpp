#pragma once

#include "metrics/metrics_writer.hpp"
#include "metrics/thread_cells.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace fairlead {

/// One metric with its combination of label values. Thread safety: any thread.
class metric_series {
public:
    metric_series() = default;
    metric_series(const metric_series&) = delete;
    metric_series& operator=(const metric_series&) = delete;
    virtual ~metric_series() = default;

    virtual void write(metrics_writer& out, const metric_labels& labels) const = 0;
};

class counter_series final : public metric_series {
public:
    void add(std::uint64_t amount) noexcept { cells_.add(0, amount); }
    std::uint64_t value() const noexcept { return cells_.sum(0); }
    void write(metrics_writer& out, const metric_labels& labels) const override;

private:
    thread_cells cells_{1};
};

class gauge_series final : public metric_series {
public:
    void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
    void add(double amount) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
    double value() const noexcept { return value_.load(std::memory_order_relaxed); }
    void write(metrics_writer& out, const metric_labels& labels) const override;

private:
    std::atomic<double> value_{0};
};

/// The cells are the count of each bucket, that of larger values, and the sum of all values.
class histogram_series final : public metric_series {
public:
    explicit histogram_series(std::vector<double> limits) : limits_{std::move(limits)} {}

    void observe(double value) noexcept;
    std::uint64_t count() const noexcept;
    double sum() const noexcept { return cells_.sum_real(limits_.size() + 1); }
    void write(metrics_writer& out, const metric_labels& labels) const override;

private:
    const std::vector<double> limits_;
    thread_cells cells_{limits_.size() + 2};
};

} // namespace fairlead
