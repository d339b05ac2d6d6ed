#include "client/client_upgrade.hpp"

#include "core/random_seed.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/name_lookup.hpp"
#include "session/opening_session.hpp"
#include "websocket/deflate.hpp"
#include "websocket/deflate_extension.hpp"
#include "websocket/upgrade.hpp"
#include "websocket/upgrade_answer.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/time_limit.hpp>

#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace fairlead {

namespace {

std::string new_key() {
    std::array<unsigned char, 16> random{};
    for (std::size_t at = 0; at < random.size(); at += sizeof(std::uint64_t)) {
        const std::uint64_t part = random_seed();
        std::memcpy(random.data() + at, &part, sizeof part);
    }
    return make_websocket_key(random);
}

// Returns the host for the request, without a zone, which has a meaning on this machine only.
std::string host_of(const url& url) {
    const std::string name = url.host.substr(0, url.host.find('%'));
    const std::string host = name.find(':') == std::string::npos ? name : "[" + name + "]";
    return host + (url.port == (url.tls ? 443 : 80) ? "" : ":" + std::to_string(url.port));
}

std::string request_to(const url& url, const websocket_client_options& options, const std::string& key, bool deflate) {
    auto headers = options.headers;
    if (deflate)
        headers.emplace_back("Sec-WebSocket-Extensions", deflate_offer);
    return upgrade_request_text(host_of(url), url.path, key, options.origin, options.subprotocols, headers);
}

void tell(const url& url, const upgrade_refused& refused) {
    log_exceptions([&] {
        log_warning(log_topic::upgrade_failed, "no WebSocket with " + url.to_string() + ": " + escape(refused.why));
    });
}

std::chrono::milliseconds left_until(ticks give_up, const shard_core& shard) {
    return give_up == name_lookup::never ? no_limit : std::chrono::milliseconds{give_up - shard.now()};
}

boost::asio::awaitable<result<upgrade_accepted>> receive_answer(session& peer, upgrade_answer_reader& reader,
                                                                const url& url, ticks give_up) {
    for (;;) {
        auto answer = reader.next();
        if (auto* const accepted = std::get_if<upgrade_accepted>(&answer))
            co_return std::move(*accepted);
        if (const auto* const refused = std::get_if<upgrade_refused>(&answer)) {
            tell(url, *refused);
            co_return errc::upgrade_refused;
        }
        const auto left = left_until(give_up, core_of(peer.shard()));
        if (left.count() <= 0)
            co_return errc::connect_timeout;
        const auto more = co_await peer.receive(left);
        if (more)
            reader.add(*more);
        else if (more.error() == errc::closed && peer.close_reason().by == closed_by::peer)
            reader.end();
        else if (more.error() == errc::timed_out)
            co_return errc::connect_timeout;
        else
            co_return more.error();
    }
}

} // namespace

boost::asio::awaitable<connect_result> upgrade_to_websocket(shard_core& shard, std::unique_ptr<stream> transport,
                                                            const url& url, websocket messages,
                                                            const connect_options& options, ticks give_up) {
    const auto bounds = std::make_shared<const limits>(options.limits);
    const auto peer = std::make_shared<opening_session>(shard, std::move(transport), bounds);
    const std::string key = new_key();
    upgrade_answer_reader reader{key, options.websocket.subprotocols, messages.deflate()};
    const auto queued = peer->send(request_to(url, options.websocket, key, messages.deflate()));
    if (!queued)
        co_return queued.error();
    const auto accepted = co_await receive_answer(*peer, reader, url, give_up);
    if (!accepted)
        co_return accepted.error();
    const auto sent = co_await peer->flush();
    if (!sent)
        co_return sent.error();
    const websocket_rules rules =
        rules_of(messages, websocket_role::client, accepted->deflate ? max_deflate_window : 0);
    const auto mark = url.path.find('?');
    websocket_info about{.path = url.path.substr(0, mark),
                         .query = mark == std::string::npos ? "" : url.path.substr(mark + 1),
                         .host = host_of(url),
                         .origin = options.websocket.origin,
                         .subprotocol = accepted->subprotocol,
                         .deflate = accepted->deflate};
    auto next = std::make_unique<websocket_channel>(nullptr, rules, std::move(about), shard.blocks(), accepted->rest);
    peer->go_on(std::move(next));
    co_return std::shared_ptr<session>{peer};
}

void check_upgrade_request(const url& url, const websocket_client_options& options) {
    request_to(url, options, {}, false);
}

} // namespace fairlead
