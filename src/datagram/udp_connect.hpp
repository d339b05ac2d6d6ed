#pragma once

#include "net/resolver.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/udp_client.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace fairlead {

/// As `udp_client::connect`, with a resolver of the caller's own, which outlives the call.
boost::asio::awaitable<result<std::unique_ptr<udp_client>>> connect_udp(shard_core& shard, resolver& names, url url,
                                                                        udp_client_options options);

} // namespace fairlead
