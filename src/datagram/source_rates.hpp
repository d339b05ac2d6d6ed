#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace fairlead {

/// Limits each source to `rate` a second, and to `most` at once after a pause; by default `most` is ten times `rate`.
/// It remembers a bounded number of sources: if the set of a new source is full, it forgets the source in it that has
/// used the least of its rate. So a flood of sources does not hide a busy one.
///
///     hash of the source ──▶ set of 4:  | busy | busy | quiet ◀─ forgotten first | busy |
///
/// The caller passes the time, which never decreases. Thread safety: one thread at a time.
class source_rates {
public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::size_t sets = 4096;
    static constexpr std::size_t ways = 4;

    /// `rate` 0 allows any number. `seed`: a number that peers cannot know, so that they cannot choose their set.
    source_rates(std::size_t rate, std::uint64_t seed)
        : source_rates{static_cast<double>(rate), 10.0 * static_cast<double>(rate), seed} {}
    source_rates(double rate, double most, std::uint64_t seed);

    /// Returns true if one more is allowed for `source`, and counts it. `source` is not 0.
    bool take(std::uint64_t source, time_point now) noexcept;

private:
    struct entry {
        std::uint64_t source = 0; // 0: free
        float tokens = 0;
        std::uint32_t last = 0; // in milliseconds
    };
    using set = std::array<entry, ways>; // as large as a cache line

    set& set_of(std::uint64_t source) noexcept;
    float tokens_at(const entry& known, std::uint32_t now) const noexcept;

    float rate_;
    float most_; // at once
    std::uint64_t seed_;
    std::unique_ptr<set[]> sets_;
};

} // namespace fairlead
