#pragma once

#include <fairlead/layers/layer_metrics.hpp>
#include <fairlead/metrics.hpp>

#include <cstdint>
#include <optional>
#include <utility>

namespace fairlead {

/// A counter of a layer, or nothing where the layer does not count.
class layer_counter {
public:
    layer_counter() noexcept = default;
    explicit layer_counter(counter_metric counted) noexcept : counted_{std::move(counted)} {}

    void add(std::uint64_t amount = 1) const noexcept {
        if (counted_)
            counted_->add(amount);
    }

private:
    std::optional<counter_metric> counted_;
};

/// Make a counter of `layer_messages_total`, `layer_waits_total`, `layer_logins_total` or `layer_bytes_total`. Errors: as
/// `metrics::counter`.
layer_counter count_messages(const layer_metrics& in, const char* layer, const char* outcome);
layer_counter count_waits(const layer_metrics& in, const char* layer);
layer_counter count_logins(const layer_metrics& in, const char* layer, const char* outcome);
layer_counter count_bytes(const layer_metrics& in, const char* layer, const char* direction, const char* form);

} // namespace fairlead
