#pragma once

#include "datagram/datagram_path.hpp"

#include <chrono>
#include <vector>

namespace fairlead {

/// The addresses of this machine. Asks the system (getifaddrs(3)) when they are needed, at most once a second.
class own_addresses {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Returns true if the remote address of a datagram is one of them; false if the system cannot list them.
    bool sent(const datagram_path& path, time_point now);

private:
    std::vector<endpoint> known_;
    time_point asked_{};
};

} // namespace fairlead
