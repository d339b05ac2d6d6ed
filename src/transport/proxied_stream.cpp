#include "transport/proxied_stream.hpp"

#include <utility>

namespace fairlead {

namespace {

std::unique_ptr<const proxy_info> keep_more(const proxy_info& info) {
    const bool has_more = !info.alpn.empty() || !info.authority.empty() || !info.unique_id.empty() || info.tls;
    return has_more ? std::make_unique<const proxy_info>(info) : nullptr;
}

} // namespace

proxied_stream::proxied_stream(shard_core& shard, unique_descriptor socket, const endpoint& real,
                               const proxied_peer& announced)
    : socket_stream{shard, std::move(socket), real}, announced_{announced.remote},
      destination_{announced.info.destination}, more_{keep_more(announced.info)} {}

result<std::unique_ptr<stream>> proxied_stream::make(shard_core& shard, unique_descriptor socket, const endpoint& real,
                                                     const proxied_peer& announced) {
    return watched(std::unique_ptr<socket_stream>{new proxied_stream{shard, std::move(socket), real, announced}});
}

std::optional<proxy_info> proxied_stream::proxy() const {
    proxy_info found = more_ ? *more_ : proxy_info{};
    found.destination = destination_.get();
    return found;
}

} // namespace fairlead
