#pragma once

#include "datagram/datagram_path.hpp"

#include <chrono>
#include <vector>

namespace fairlead {

/// The addresses of this machine, asked of the system (getifaddrs(3)) when they are needed, and at most once a second.
class own_addresses {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Whether a datagram says that it comes from one of them. Where the system does not tell, none is ours.
    bool sent(const datagram_path& path, time_point now);

private:
    std::vector<endpoint> known_;
    time_point asked_{};
};

} // namespace fairlead
