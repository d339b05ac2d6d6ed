#pragma once

#include "core/counter.hpp"
#include "core/histogram.hpp"

namespace fairlead {

/// Counters of the sessions of a shard, since the shard was made.
struct shard_counters {
    counter messages_in, messages_out; ///< whole messages received and queued to be sent
    counter bytes_in, bytes_out;       ///< read from peers and written to them
    counter held_back;                 ///< times a peer was not read because of `limits::write_high_watermark`
    counter send_queue_full;           ///< messages refused because of `limits::max_write_buffer`
    counter held_for_memory;           ///< times a peer was not read because of the budget of buffered bytes
    counter handlers_overdue;          ///< connections closed because of `limits::handler_timeout`
    size_histogram message_sizes;      ///< of messages received
    size_histogram queue_sizes;        ///< of bytes queued in a session, each time its peer took no more
};

} // namespace fairlead
