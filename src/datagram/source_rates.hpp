#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace fairlead {

/// So many a second for each source, and `most` at once after a quiet time: what ten seconds allow, if it is not given. It remembers
/// a bounded number of sources, however many come: when a new one finds its places taken, the source that has used least
/// of its rate is forgotten, so that a flood of sources does not hide a busy one.
///
///     hash of the source ──▶ set of 4:  | busy | busy | quiet ◀─ forgotten first | busy |
///
/// The time is an argument; it never goes back. Thread safety: one thread at a time.
class source_rates {
public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::size_t sets = 4096;
    static constexpr std::size_t ways = 4;

    /// `rate` 0 allows any number. `seed`: something that peers cannot know, so that they cannot choose their set.
    source_rates(std::size_t rate, std::uint64_t seed)
        : source_rates{static_cast<double>(rate), 10.0 * static_cast<double>(rate), seed} {}
    source_rates(double rate, double most, std::uint64_t seed);

    /// Whether one more is allowed for `source`, which is not 0; then it is counted.
    bool take(std::uint64_t source, time_point now) noexcept;

private:
    struct entry {
        std::uint64_t source = 0; // 0: free
        float tokens = 0;
        std::uint32_t last = 0; // in milliseconds
    };
    using set = std::array<entry, ways>; // as large as a line of the cache

    set& set_of(std::uint64_t source) noexcept;
    float tokens_at(const entry& known, std::uint32_t now) const noexcept;

    float rate_;
    float most_; // at once
    std::uint64_t seed_;
    std::unique_ptr<set[]> sets_;
};

} // namespace fairlead
