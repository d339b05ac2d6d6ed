#pragma once

#include "support/effort.hpp"
#include "support/failing_allocator.hpp"

#include <fairlead/logging.hpp>

#include <cstddef>
#include <gtest/gtest.h>
#include <iostream>
#include <memory>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <string>

namespace fairlead::test {

/// Log lines are made and dropped.
class quiet_log {
public:
    quiet_log() {
        set_logger(std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>()));
    }
    quiet_log(const quiet_log&) = delete;
    quiet_log& operator=(const quiet_log&) = delete;
    ~quiet_log() { set_logger(nullptr); }
};

/// Calls `run` with 1, 2, 3, … until it returns that no allocation failed, and returns the number it ended with. A larger
/// `stride` passes over some of them, unless `./dev test --long` asks for all; the first and the last are never passed over.
template <class Run>
std::size_t for_every_allocation(Run run, int stride = 1) {
    constexpr std::size_t too_many = 5'000;
    const auto step = static_cast<std::size_t>(effort(stride, 1));
    std::size_t runs = 1, failed = 0, end = 1;
    for (; run(end); end += step, ++runs) {
        failed = end;
        if (end > too_many)
            throw std::logic_error{"there is no end to the allocations"};
    }
    for (std::size_t nth = failed + 1; nth < end && run(nth); ++nth)
        ++runs;
    std::cout << runs << " runs, up to allocation " << end << '\n';
    return end;
}

inline std::string kind_of_failure(const ::testing::TestParamInfo<failing>& kind) {
    return kind.param == failing::once ? "once" : "for_good";
}

} // namespace fairlead::test
