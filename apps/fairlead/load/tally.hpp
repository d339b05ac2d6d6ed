#pragma once

#include "load/latency_histogram.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace fairlead::command {

/// The errors of a load; each kind is counted.
enum class load_error : std::uint8_t {
    connect,    ///< no connection could be made
    broken,     ///< a connection ended before we ended it
    lost,       ///< a message without a reply, because its connection ended
    timed_out,  ///< a message without a reply in time
    refused,    ///< the network reported that a datagram did not arrive
    wrong,      ///< a reply differs from its message
    unexpected, ///< a reply that no message waits for: late, double, or not asked for
};
constexpr std::size_t load_errors = 7;

/// Returns the kind as one word, as in reports; `describe` explains it.
const char* name_of(load_error kind) noexcept;
const char* describe(load_error kind) noexcept;

/// The counters of a load, or of one thread of it. Messages, bytes and latency are those of the measured
/// time, all others those of the whole run.
struct tally {
    std::uint64_t messages = 0;                       ///< answered
    std::uint64_t due = 0;                            ///< at a fixed rate
    std::uint64_t unsent = 0;                         ///< due, but not sent when time was up
    std::uint64_t bytes_sent = 0, bytes_received = 0; ///< of those answered, and in their replies
    std::uint64_t dropped = 0;                        ///< due before the measured time, and not sent when that began
    std::uint64_t connects = 0;
    std::uint64_t replies = 0; ///< at any time
    std::array<std::uint64_t, load_errors> errors{};
    std::array<std::string, load_errors> first_error; ///< of each kind, where and why
    std::string start_advice; ///< for the first error of connecting, if a server on this machine is missing
    latency_histogram latency;

    std::uint64_t of(load_error kind) const noexcept { return errors[static_cast<std::size_t>(kind)]; }
    const std::string& first(load_error kind) const noexcept { return first_error[static_cast<std::size_t>(kind)]; }
    std::uint64_t all_errors() const noexcept;

    /// Counts errors. `why()` returns the text of the first one of a kind.
    template <class Why>
    void note(load_error kind, std::uint64_t times, Why&& why) {
        const auto at = static_cast<std::size_t>(kind);
        if (times != 0 && errors[at] == 0)
            first_error[at] = why();
        errors[at] += times;
    }

    void add(const tally& other);
};

} // namespace fairlead::command
