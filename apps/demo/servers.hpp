#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/server.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace demo {

/// What the handlers were given, in order. Thread safety: any thread.
class witness {
public:
    void saw(fairlead::bytes_view message);
    std::vector<std::string> take(); ///< everything since the last call

private:
    std::mutex mutex_;
    std::vector<std::string> messages_;
};

/// The demo's servers: on ports 9000, 9001 and 9002, or free ones where these are taken.
class servers {
public:
    servers();

    const fairlead::endpoint& echo() const noexcept { return echo_; }           ///< framing length
    const fairlead::endpoint& uppercase() const noexcept { return uppercase_; } ///< framing line
    const fairlead::endpoint& reply() const noexcept { return reply_; }         ///< framing raw

    fairlead::server& server() noexcept { return server_; }
    witness& seen() noexcept { return seen_; }

private:
    fairlead::endpoint listen(std::uint16_t port, const fairlead::framing& rules, fairlead::message_handler answer);

    witness seen_;
    fairlead::server server_;
    fairlead::endpoint echo_, uppercase_, reply_;
};

} // namespace demo
