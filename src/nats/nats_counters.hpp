#pragma once

#include <fairlead/metrics.hpp>

namespace fairlead {

/// The counters of a bridge. Thread safety: any thread.
struct nats_counters {
    explicit nats_counters(metrics& in);

    gauge_metric connected;
    counter_metric connections; ///< that were made
    counter_metric sent;        ///< messages handed to nats.c
    counter_metric refused;     ///< messages that `publish` did not take
    counter_metric unsent;      ///< messages that were taken and not sent
    counter_metric received;    ///< messages given to the receiver
    counter_metric returned;    ///< messages of this process that the broker brought back
    counter_metric gaps;        ///< calls of `receiver::lost`
    counter_metric missed;      ///< messages that are known not to have arrived
};

} // namespace fairlead
