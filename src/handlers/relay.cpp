#include <fairlead/handlers/relay.hpp>

#include "client/dial.hpp"
#include "log/log.hpp"

#include <fairlead/shard.hpp>

#include <utility>

namespace fairlead {

namespace {

struct relay_target {
    connect_target to;
    relay_options options;
};

// A proxy in front of this server may have announced the address to which its client connected.
proxy_client_options announced(const session& visitor, proxy_version version) {
    const auto proxied = visitor.proxy();
    const bool tells = proxied && proxied->destination.family() != AF_UNSPEC;
    return {
        .version = version, .source = visitor.remote(), .destination = tells ? proxied->destination : visitor.local()};
}

void warn(const session& visitor, const std::string& event, const relay_target& target, const error_code& why) {
    const std::string peer = visitor.remote().to_string();
    log_warning(log_topic::connect_failed, peer + event + describe(target.to.address(), why),
                {.session = visitor.id(), .peer = peer});
}

boost::asio::awaitable<void> carry(session& visitor, const relay_target& target) {
    std::optional<proxy_client_options> header;
    if (target.options.announce)
        header = announced(visitor, *target.options.announce);
    const auto connected = co_await target.to.connect(visitor.shard(), std::move(header));
    if (!connected) {
        warn(visitor, " is not relayed: ", target, connected.error());
        co_return visitor.reset(connected.error());
    }
    session& other = **connected;
    const auto done = co_await splice(visitor, other, target.options.splice);
    if (visitor.close_reason().code == errc::connection_lost) // its own failures are logged like those of any session
        warn(visitor, " is relayed no more: ", target, done.failure);
    co_await other.close_gracefully();
}

} // namespace

session_handler relay(std::string_view target, framing messages, relay_options options) {
    validate(options.splice);
    options.connect.proxy.reset();
    connect_target to{target, std::move(messages), options.connect};
    const auto shared = std::make_shared<const relay_target>(relay_target{std::move(to), std::move(options)});
    return [shared](session& visitor) { return carry(visitor, *shared); };
}

session_handler relay(std::string_view target, framing messages) {
    return relay(target, std::move(messages), relay_options());
}

} // namespace fairlead
