#include "nats/nats_counters.hpp"

#include "support/metrics_parser.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>

namespace fairlead::test {

TEST(nats_counters, have_a_metric_each_in_both_formats) {
    metrics counts;
    const nats_counters counters{counts};
    counters.connected.set(1);
    counters.connections.add(2);
    counters.sent.add(3);
    counters.refused.add(4);
    counters.unsent.add(5);
    counters.received.add(6);
    counters.returned.add(7);
    counters.gaps.add(8);
    counters.missed.add(9);
    for (const metrics_format format : {metrics_format::prometheus, metrics_format::openmetrics}) {
        std::map<std::string, double> read;
        for (const read_metric& metric : metrics_parser{format}.parse(counts.text(format))) {
            for (const read_sample& each : metric.samples)
                read[each.name + (each.labels.empty() ? "" : " " + each.labels.front().value)] = each.value;
        }
        EXPECT_EQ(read, (std::map<std::string, double>{{"nats_connected", 1},
                                                       {"nats_connections_total", 2},
                                                       {"nats_messages_sent_total", 3},
                                                       {"nats_messages_dropped_total refused", 4},
                                                       {"nats_messages_dropped_total unsent", 5},
                                                       {"nats_messages_received_total", 6},
                                                       {"nats_messages_returned_total", 7},
                                                       {"nats_gaps_total", 8},
                                                       {"nats_messages_missed_total", 9}}));
    }
}

} // namespace fairlead::test
