#include "topics/topic_counts.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

constexpr const char* losses_help = "Messages of topics that were not sent to a subscriber, by cause.";

counter_metric losses(metrics& in, const std::string& prefix, const char* cause) {
    return in.counter("topic_losses_total", losses_help, {{"cause", cause}, {"prefix", prefix}});
}

} // namespace

topic_counts::topic_counts(metrics& in, const std::string& prefix)
    : published{in.counter("topic_messages_total", "Messages published to topics.", {{"prefix", prefix}})},
      delivered{in.counter("topic_deliveries_total", "Messages of topics that were queued for a subscriber.",
                           {{"prefix", prefix}})},
      slow{losses(in, prefix, "slow")}, replaced{losses(in, prefix, "replaced")},
      refused{losses(in, prefix, "refused")}, gap{losses(in, prefix, "gap")},
      closed{in.counter("topic_slow_sessions_total", "Sessions that were closed because they read topics too slowly.",
                        {{"prefix", prefix}})},
      subscriptions{in.gauge("topic_subscriptions", "Subscriptions to topics.", {{"prefix", prefix}})} {}

prefix_counts::prefix_counts(std::vector<std::string> prefixes) : prefixes_{std::move(prefixes)} {
    for (auto each = prefixes_.begin(); each != prefixes_.end(); ++each) {
        if (each->empty() || each->find('/') != std::string::npos || *each == "other" ||
            std::find(prefixes_.begin(), each, *each) != each)
            throw std::invalid_argument{"topics_options::counted has the prefix \"" + *each +
                                        "\"; name each once, without a /, and not as \"other\""};
    }
    count_in(own_);
}

void prefix_counts::count_in(metrics& in) {
    std::vector<topic_counts> counts;
    for (const std::string& each : prefixes_)
        counts.emplace_back(in, each);
    counts.emplace_back(in, "other");
    counts_.swap(counts);
}

const topic_counts& prefix_counts::of(std::string_view topic) const noexcept {
    const auto found = std::find(prefixes_.begin(), prefixes_.end(), topic.substr(0, topic.find('/')));
    return counts_[static_cast<std::size_t>(found - prefixes_.begin())];
}

} // namespace fairlead
