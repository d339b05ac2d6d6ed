#include "datagram/udp_connect.hpp"

#include "datagram/client_socket.hpp"
#include "datagram/udp_client_impl.hpp"
#include "net/resolve.hpp"
#include "runtime/name_lookup.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace fairlead {

namespace {

result<std::unique_ptr<udp_client>> make_client(shard_core& core, const std::vector<endpoint>& addresses,
                                                const udp_client_options& options) {
    auto opened = open_client_socket(addresses, options);
    if (!opened)
        return opened.error();
    const auto local = local_endpoint(opened->socket.get(), transport::udp);
    if (!local)
        return local.error();
    auto made = std::make_unique<udp_client_impl>(
        core, std::make_unique<client_descriptor>(core, std::move(opened->socket)), opened->remote, *local);
    if (const error_code failed = made->start())
        return failed;
    return std::unique_ptr<udp_client>{std::move(made)};
}

} // namespace

boost::asio::awaitable<result<std::unique_ptr<udp_client>>> connect_udp(shard_core& shard, resolver& names, url url,
                                                                        udp_client_options options) {
    name_lookup lookup{shard};
    const auto found = co_await lookup.run(names, url, give_up_at(shard.now(), options.deadline));
    if (!found)
        co_return found.error();
    co_return make_client(shard, *found, options);
}

boost::asio::awaitable<result<std::unique_ptr<udp_client>>>
udp_client::connect(fairlead::shard& shard, std::string_view url, const udp_client_options& options) {
    auto parsed = url::parse(url);
    check_client(parsed, options);
    return connect_udp(core_of(shard), resolver::of_process(), std::move(parsed), options);
}

boost::asio::awaitable<result<std::unique_ptr<udp_client>>> udp_client::connect(fairlead::shard& shard,
                                                                                std::string_view url) {
    return connect(shard, url, udp_client_options());
}

result<std::unique_ptr<udp_client>> udp_client::connect_blocking(fairlead::shard& shard, const url& url,
                                                                 udp_client_options options) {
    check_client(url, options);
    const auto found = resolve(url, resolve_for::connecting);
    if (!found)
        return found.error();
    return make_client(core_of(shard), *found, options);
}

} // namespace fairlead
