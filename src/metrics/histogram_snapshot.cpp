#include "metrics/histogram_snapshot.hpp"

#include <limits>

namespace fairlead {

// The count is that of the last bucket, even if values were added while the counts were read.
void write_buckets(metrics_writer& out, const histogram_snapshot& shown) {
    metric_labels of_bucket = shown.labels;
    of_bucket.push_back({"le", {}});
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < shown.counts.size(); ++i) {
        so_far += shown.counts[i];
        of_bucket.back().value =
            out.bucket_limit(i < shown.limits.size() ? shown.limits[i] : std::numeric_limits<double>::infinity());
        out.sample("_bucket", of_bucket, so_far);
    }
    out.sample("_sum", shown.labels, shown.sum);
    out.sample("_count", shown.labels, so_far);
}

} // namespace fairlead
