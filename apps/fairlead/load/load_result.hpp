#pragma once

#include "load/load_plan.hpp"
#include "load/tally.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace fairlead::command {

/// What the server used of the processor, all threads, and for how many replies: those that came between the two looks at
/// its clock, at the begin and the end of the measured time.
struct server_use {
    std::chrono::nanoseconds processor{0};
    std::uint64_t replies = 0;

    double each() const noexcept { ///< nanoseconds
        return replies == 0 ? 0 : static_cast<double>(processor.count()) / static_cast<double>(replies);
    }
};

/// What a load was, in the end.
struct load_result {
    tally counts;
    std::chrono::duration<double> measured{0};
    std::chrono::duration<double> processor{0}; ///< what the generator itself used of it, all threads
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

/// `512 ns`, `85.3 us`, `1.25 ms`, `12.0 s`: three digits.
std::string short_time(std::chrono::nanoseconds time);

/// What was done, in one line: `tcp://127.0.0.1:9000, framing length, 64 connections, …`.
std::string headline(const load_plan& plan);

/// The report for people, several lines.
std::string table(const load_plan& plan, const load_result& result);

/// The same as one JSON object; with FAIRLEAD_FILES, which is when there is a library for it.
std::string as_json(const load_plan& plan, const load_result& result);

/// How far a load is, for one line of a terminal. `passed` is the time since the start.
std::string load_progress(const load_plan& plan, std::chrono::duration<double> passed, double rate,
                          const tally& counts);

} // namespace fairlead::command
