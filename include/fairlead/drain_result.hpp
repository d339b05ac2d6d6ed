#pragma once

#include <fairlead/api.hpp>

#include <cstddef>

namespace FAIRLEAD_API fairlead {

/// The outcome of a stop, for the sessions that were open when it began. See `server::drained`.
struct drain_result {
    std::size_t finished = 0;          ///< sessions that ended by themselves
    std::size_t cut_off = 0;           ///< sessions closed after `limits::drain_timeout`
    std::size_t datagrams_dropped = 0; ///< datagrams that arrived and were not handled in that time
    std::size_t tasks_cut_off = 0;     ///< coroutines of `server_options::on_start` that had not ended in time
};

} // namespace fairlead
