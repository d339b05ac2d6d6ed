#include <fairlead/connect.hpp>

#include "client/connector.hpp"
#include "client/login.hpp"
#include "runtime/shard_core.hpp"
#include "transport/socket_stream.hpp"

#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

void validate(const url& url, const connect_options& options) {
    const std::string refusal = "cannot connect to '" + url.to_string() + "': ";
    if (url.transport == transport::udp)
        throw std::invalid_argument{refusal + "UDP has no connections; send datagrams with udp_client"};
    if (url.transport == transport::tcp && url.port == 0)
        throw std::invalid_argument{refusal + "port 0 is for listening; name the server's port"};
    if (options.deadline.count() < 0 || options.attempt_delay.count() < 0)
        throw std::invalid_argument{refusal + "a time limit below 0 ms cannot be kept; a deadline of 0 is none"};
    validate(options.limits);
}

// Lifetime: all but `shard` are those of `connect`, which waits.
boost::asio::awaitable<connect_result> open_session(shard_core& shard, resolver& names, const url& url, framing& rules,
                                                    const connect_options& options) {
    connector attempt{shard, options};
    auto connected = co_await attempt.run(names, url);
    if (!connected)
        co_return connected.error();
    auto transport = socket_stream::make(shard, std::move(connected->socket), connected->remote);
    if (!transport)
        co_return transport.error();
    co_return session::create(facade_of(shard), std::move(*transport), std::move(rules), options.limits);
}

} // namespace

boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard_core& shard, resolver& names, url url,
                                                                 framing rules, connect_options options) {
    login attempt{shard, options};
    auto connecting = open_session(shard, names, url, rules, options);
    co_return co_await attempt.run(std::move(connecting));
}

boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, url url, framing rules,
                                                                 const connect_options& options) {
    validate(url, options);
    return connect(core_of(shard), resolver::of_process(), std::move(url), std::move(rules), options);
}

boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, url url, framing rules) {
    return connect(shard, std::move(url), std::move(rules), connect_options());
}

boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, std::string_view url, framing rules,
                                                                 const connect_options& options) {
    return connect(shard, url::parse(url), std::move(rules), options);
}

boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, std::string_view url, framing rules) {
    return connect(shard, url::parse(url), std::move(rules), connect_options());
}

} // namespace fairlead
