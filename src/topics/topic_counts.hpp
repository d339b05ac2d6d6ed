#pragma once

#include <fairlead/metrics.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

/// The counters for the topics of one prefix. Thread safety: any thread.
struct topic_counts {
    topic_counts(metrics& in, const std::string& prefix);

    counter_metric published, delivered;
    counter_metric slow, replaced, refused, gap; ///< losses by cause
    counter_metric closed;
    gauge_metric subscriptions;
};

/// The counts of all prefixes.
///
/// Thread safety: `of` from any thread.
class prefix_counts {
public:
    /// Errors: throws std::invalid_argument for a prefix that is empty, has a `/`, is `other`, or appears twice.
    explicit prefix_counts(std::vector<std::string> prefixes);

    /// Counts in other metrics from now on. References that `of` has returned become invalid.
    void count_in(metrics& in);

    /// Returns the counters for a topic. Lifetime: until `count_in`, and as long as this.
    const topic_counts& of(std::string_view topic) const noexcept;

private:
    std::vector<std::string> prefixes_;
    metrics own_;
    std::vector<topic_counts> counts_; // of each prefix, then of the other topics
};

} // namespace fairlead
