#pragma once

#include "load/load_plan.hpp"
#include "load/tally.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace fairlead::command {

/// The processor time of the server, all threads, and the number of replies in this time. Both are read at
/// the begin and at the end of the measured time.
struct server_use {
    std::chrono::nanoseconds processor{0};
    std::uint64_t replies = 0;

    double each() const noexcept { ///< nanoseconds
        return replies == 0 ? 0 : static_cast<double>(processor.count()) / static_cast<double>(replies);
    }
};

/// The result of a load.
struct load_result {
    tally counts;
    std::chrono::duration<double> measured{0};
    std::chrono::duration<double> processor{0}; ///< processor time of the load itself, all threads
    std::optional<server_use> server;           ///< if it was asked for and lived to the end
    bool interrupted = false;

    double rate() const noexcept { return per_second(counts.messages); }
    double per_second(std::uint64_t amount) const noexcept {
        return measured.count() > 0 ? static_cast<double>(amount) / measured.count() : 0;
    }
};

/// The percentiles that are reported, by name.
struct named_percentile {
    const char* name;
    double percent;
};
constexpr named_percentile reported_percentiles[] = {
    {"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}, {"max", 100}};

/// Returns a time with three digits: `512 ns`, `85.3 us`, `1.25 ms`, `12.0 s`.
std::string short_time(std::chrono::nanoseconds time);

/// Returns the parameters of a load in one line: `tcp://127.0.0.1:9000, framing length, 64 connections, …`.
std::string headline(const load_plan& plan);

/// Returns the report for people, several lines.
std::string table(const load_plan& plan, const load_result& result);

/// Returns the report as one JSON object. Only with FAIRLEAD_FILES, because such a build has the library for JSON.
std::string as_json(const load_plan& plan, const load_result& result);

/// Returns the progress of a load, for one line of a terminal. `passed` is the time since the start.
std::string load_progress(const load_plan& plan, std::chrono::duration<double> passed, double rate,
                          const tally& counts);

} // namespace fairlead::command
