#include "nats/nats_counters.hpp"

namespace fairlead {

namespace {

counter_metric dropped(metrics& in, const char* cause) {
    return in.counter("nats_messages_dropped_total",
                      "Messages that were published and not sent to the broker of topics, by cause.",
                      {{"cause", cause}});
}

} // namespace

nats_counters::nats_counters(metrics& in)
    : connected{in.gauge("nats_connected", "1 while there is a connection to the broker of topics, else 0.")},
      connections{in.counter("nats_connections_total", "Connections made to the broker of topics.")},
      sent{in.counter("nats_messages_sent_total", "Messages sent to the broker of topics.")},
      refused{dropped(in, "refused")}, unsent{dropped(in, "unsent")}, received{in.counter(
                                                                          "nats_messages_received_total",
                                                                          "Messages of other processes that arrived.")},
      returned{in.counter("nats_messages_returned_total",
                          "Messages of this process that the broker brought back, and that were dropped.")},
      gaps{in.counter("nats_gaps_total", "Times a topic was told that messages of other processes may be missing.")},
      missed{in.counter("nats_messages_missed_total",
                        "Messages of other processes that are known not to have arrived.")} {}

} // namespace fairlead
