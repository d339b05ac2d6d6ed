#include <fairlead/connect.hpp>

#include "client/client_handshake.hpp"
#include "client/client_upgrade.hpp"
#include "client/connector.hpp"
#include "client/dial.hpp"
#include "client/login.hpp"
#include "core/system_error.hpp"
#include "framing/websocket_messages.hpp"
#include "proxy/proxy_header.hpp"
#include "runtime/shard_core.hpp"
#include "tls/server_name.hpp"
#include "transport/socket_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

const std::string& tls_host(const url& url, const connect_options& options) noexcept {
    return options.tls.server_name.empty() ? url.host : options.tls.server_name;
}

void validate(const url& url, const framing& rules, const connect_options& options) {
    const std::string refusal = "cannot connect to '" + url.to_string() + "': ";
    if (url.transport == transport::udp)
        throw std::invalid_argument{refusal + "UDP has no connections; send datagrams with udp_client"};
    if (url.transport == transport::tcp && url.port == 0)
        throw std::invalid_argument{refusal + "port 0 is for listening; name the server's port"};
    messages_of(url, rules);
    if (!url.websocket && options.websocket != websocket_client_options{})
        throw std::invalid_argument{refusal +
                                    "it speaks no WebSocket, and connect_options::websocket is set; connect to "
                                    "ws://HOST:PORT/PATH or wss://HOST:PORT/PATH, or leave it out"};
    if (url.websocket)
        check_upgrade_request(url, options.websocket);
    if (options.deadline.count() < 0 || options.attempt_delay.count() < 0)
        throw std::invalid_argument{refusal + "a time limit below 0 ms cannot be kept; a deadline of 0 is none"};
    if (!url.tls && options.tls != tls_client_options{})
        throw std::invalid_argument{refusal + "it is plain text, and connect_options::tls is set; connect to "
                                              "tls://HOST:PORT or tls+unix:///PATH, or leave it out"};
    if (url.tls && url.transport == transport::unix_stream && options.tls.server_name.empty() &&
        !options.tls.accept_any_certificate)
        throw std::invalid_argument{refusal + "a Unix socket has no host whose certificate could be verified; name one "
                                              "by connect_options::tls.server_name"};
    if (url.tls && !tls_host(url, options).empty())
        checked_server_name(tls_host(url, options));
    if (options.tls.handshake_timeout.count() < 0)
        throw std::invalid_argument{refusal + "a TLS handshake cannot end within less than 0 ms; 0 is no limit"};
    if (options.proxy &&
        (options.proxy->source.family() == AF_UNSPEC) != (options.proxy->destination.family() == AF_UNSPEC))
        throw std::invalid_argument{refusal +
                                    "a PROXY header has both addresses or none, and one of them is empty; set "
                                    "source and destination of connect_options::proxy"};
    validate(options.limits);
}

std::string header_of(const proxy_client_options& proxy) {
    if (proxy.source.family() == AF_UNSPEC)
        return encode_proxy_header(proxy.version, std::nullopt);
    return encode_proxy_header(proxy.version, proxied_connection{proxy.source, proxy.destination});
}

// The send buffer of a new connection is empty and has room for more than a header.
error_code send_header(stream& to, const proxy_client_options& proxy) {
    const std::string header = header_of(proxy);
    const auto sent = to.try_write(header);
    if (!sent)
        return sent.error();
    return *sent == header.size() ? error_code{} : system_code(ENOBUFS);
}

std::shared_ptr<const tls_client_context> load_tls(const url& url, const connect_options& options) {
    return url.tls ? load_client_tls(options.tls) : nullptr;
}

// Lifetime: the references except `shard` belong to `connect`, which waits.
boost::asio::awaitable<connect_result> open_session(shard_core& shard, resolver& names, const url& url, framing& rules,
                                                    const connect_options& options,
                                                    const std::shared_ptr<const tls_client_context>& tls) {
    connector attempt{shard, options};
    const ticks give_up = give_up_at(shard.now(), options.deadline); // the attempt has started the clock
    auto connected = co_await attempt.run(names, url);
    if (!connected)
        co_return connected.error();
    auto transport = socket_stream::make(shard, std::move(connected->socket), connected->remote);
    if (!transport)
        co_return transport.error();
    if (options.proxy) {
        const error_code failed = send_header(**transport, *options.proxy);
        if (failed)
            co_return failed;
    }
    if (tls) {
        auto secure = connect_tls(shard, std::move(*transport), tls, tls_host(url, options), url.to_string());
        client_handshake shaking{shard, *secure,
                                 std::min(give_up, give_up_at(shard.now(), options.tls.handshake_timeout))};
        const error_code failed = co_await shaking.run();
        if (failed)
            co_return failed;
        *transport = std::move(secure);
    }
    if (const websocket* const messages = messages_of(url, rules))
        co_return co_await upgrade_to_websocket(shard, std::move(*transport), url, *messages, options, give_up);
    co_return session::create(facade_of(shard), std::move(*transport), std::move(rules), options.limits);
}

} // namespace

boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard_core& shard, resolver& names, url url,
                                                                 framing rules, connect_options options,
                                                                 std::shared_ptr<const tls_client_context> tls) {
    login attempt{shard, options};
    auto connecting = open_session(shard, names, url, rules, options, tls);
    co_return co_await attempt.run(std::move(connecting));
}

boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, url url, framing rules,
                                                                 const connect_options& options) {
    validate(url, rules, options);
    auto tls = load_tls(url, options);
    return connect(core_of(shard), resolver::of_process(), std::move(url), std::move(rules), options, std::move(tls));
}

connect_target::connect_target(std::string_view url, framing rules, connect_options how)
    : url_{url::parse(url)}, rules_{std::move(rules)}, how_{std::move(how)} {
    validate(url_, rules_, how_);
    tls_ = load_tls(url_, how_);
}

boost::asio::awaitable<connect_result> connect_target::connect(shard& shard,
                                                               std::optional<proxy_client_options> header) const {
    connect_options how = how_;
    if (header)
        how.proxy = std::move(header);
    return fairlead::connect(core_of(shard), resolver::of_process(), url_, rules_, std::move(how), tls_);
}

dial dial_to(shard& shard, std::string_view url, framing rules, connect_options how) {
    how.on_connected = nullptr;
    return [&shard, to = connect_target{url, std::move(rules), std::move(how)}] { return to.connect(shard); };
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
