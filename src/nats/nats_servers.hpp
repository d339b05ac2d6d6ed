#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

/// A NATS server, in the form that nats.c needs.
struct nats_server {
    std::string user;    ///< `USER:PASSWORD@` or empty; never logged
    std::string address; ///< `HOST:PORT`
    bool tls = false;

    std::string url() const { return (tls ? "tls://" : "nats://") + user + address; }
    std::string host() const; ///< without the brackets of IPv6

    bool operator==(const nats_server&) const = default;
};

/// Reads URLs that are separated by commas. Errors: throws std::invalid_argument, whose text shows no password.
std::vector<nats_server> parse_nats_servers(std::string_view urls);

/// The servers of one cluster, tried in turn.
class nats_server_list {
public:
    static constexpr std::size_t most = 64;

    nats_server_list(std::vector<nats_server> servers, std::size_t first) noexcept
        : servers_{std::move(servers)}, next_{first} {}

    const nats_server& next() noexcept { return servers_[next_++ % servers_.size()]; }

    /// Adds a server that the cluster has announced. It gets the user and the TLS setting of the first one.
    void add(std::string_view url);

private:
    std::vector<nats_server> servers_; // one at least
    std::size_t next_;
};

} // namespace fairlead
