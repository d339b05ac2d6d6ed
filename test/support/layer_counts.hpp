#pragma once

#include <fairlead/metrics.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace fairlead::test {

/// The counters of one layer that counts under the name "test".
class layer_counts {
public:
    explicit layer_counts(std::string layer) : layer_{std::move(layer)} {}

    std::uint64_t messages(const std::string& outcome) {
        return value("layer_messages_total", "Messages that reached a layer, by outcome.", outcome);
    }
    std::uint64_t logins(const std::string& outcome) {
        return value("layer_logins_total", "Logins at a layer, by outcome.", outcome);
    }
    std::uint64_t waits() {
        constexpr const char* help = "Messages that waited in a layer, while no other of their session was read.";
        return in.counter("layer_waits_total", help, {{"layer", layer_}, {"name", "test"}}).value();
    }

    std::uint64_t bytes(const std::string& direction, const std::string& form) {
        constexpr const char* help = "Bytes of messages in a layer that changes their size, by direction and form.";
        return in
            .counter("layer_bytes_total", help,
                     {{"layer", layer_}, {"name", "test"}, {"direction", direction}, {"form", form}})
            .value();
    }

    metrics in;

private:
    std::uint64_t value(const char* metric, const char* help, const std::string& outcome) {
        return in.counter(metric, help, {{"layer", layer_}, {"name", "test"}, {"outcome", outcome}}).value();
    }

    std::string layer_;
};

} // namespace fairlead::test
