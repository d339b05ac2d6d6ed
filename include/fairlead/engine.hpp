#pragma once

#include <cstdint>

namespace fairlead {

/// How a shard waits for its sockets and reads them; see docs/engines.md.
enum class engine : std::uint8_t {
    automatic, ///< the better one, as far as measured: epoll
    epoll,
    io_uring, ///< epoll, with a line in the log, where the library was built without it or the system refuses it
};

} // namespace fairlead
