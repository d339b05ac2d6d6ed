#pragma once

#include "load/payload.hpp"

#include <fairlead/framing/framing.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/url.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fairlead::command {

/// The parameters of a load.
///
///     start ──ramp-up──▶ ──warm-up──▶ begin ──duration──▶ end ──▶ replies that are still on their way
///                                     └── measured ──────┘
struct load_plan {
    std::vector<url> targets; ///< connections are spread over them in turn
    framing rules;            ///< of streams
    std::string framing_name = "length";
    tls_client_options tls; ///< of those targets that have it
    size_range sizes;
    std::size_t connections = 64;
    std::size_t pipeline = 1; ///< messages under way on a connection
    std::size_t threads = 1;
    std::size_t churn = 0;           ///< messages after which a connection is made anew; 0: never
    std::optional<std::size_t> rate; ///< messages a second in all; without it, each reply brings the next message
    std::chrono::milliseconds duration{10'000};
    std::chrono::milliseconds warm_up{1'000};
    std::chrono::milliseconds ramp_up{0};
    std::chrono::milliseconds stream_timeout{5'000}; ///< for a reply, and for a connection to be made
    std::chrono::milliseconds datagram_timeout{1'000};
    bool check = false;         ///< compare every reply with its message
    ::pid_t server_process = 0; ///< the server whose processor time is measured as well; 0: none

    bool is_raw() const { return framing_name == "raw"; }
    const url& target(std::size_t connection) const { return targets[connection % targets.size()]; }
};

} // namespace fairlead::command
