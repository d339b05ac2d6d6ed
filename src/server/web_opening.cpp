#include "server/web_opening.hpp"

#include "http/http_exchange.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/shard_core.hpp"
#include "server/web_decision.hpp"
#include "session/describe.hpp"
#include "websocket/websocket_channel.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/utf8.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <variant>

namespace fairlead {

namespace {

std::chrono::milliseconds time_of(limits::duration limit) {
    constexpr std::chrono::hours for_ever{24 * 365};
    return limit.count() == 0 ? for_ever : std::chrono::milliseconds{limit};
}

void log_refusal(const session_impl& peer, const http_request& asked, const http_response& answer) {
    log_exceptions([&] {
        constexpr std::size_t most = 200; // bytes of a path and of a reason
        const std::string why{cut_between_characters(answer.body.substr(0, answer.body.find('\n')), most)};
        const std::string path{asked.path.substr(0, most)};
        log_warning(log_topic::upgrade_failed,
                    describe(peer) + ": no WebSocket at '" + escape(path) + "': " + std::to_string(answer.status) +
                        ", " + why,
                    origin_of(peer));
    });
}

boost::asio::awaitable<http_response> read_file(session& peer, const web_files& files, std::string path) {
    auto read = [&files, &path] { return files.read(path); };
    co_return co_await peer.shard().blocking(read);
}

std::unique_ptr<websocket_channel> channel_for(opening_session& peer, const web_upgrade& wanted, const web_rules& rules,
                                               std::string_view received) {
    const websocket_rules how{.role = websocket_role::server,
                              .messages = rules.messages.messages(),
                              .max_message = rules.messages.max_message()};
    const websocket_request& asked = wanted.asked;
    websocket_info about{.path = asked.path,
                         .query = asked.query,
                         .host = asked.host,
                         .origin = asked.origin,
                         .subprotocol = wanted.subprotocol};
    return std::make_unique<websocket_channel>(nullptr, how, std::move(about), core_of(peer.shard()).blocks(),
                                               received);
}

} // namespace

boost::asio::awaitable<const handler*> open_websocket(opening_session& peer, const web_rules& rules,
                                                      const limits& bounds) {
    const http_exchange::options how{
        .request = time_of(bounds.first_message_timeout), .idle = time_of(bounds.idle_timeout), .refuse = refuse};
    http_exchange http{peer, how};
    for (bool open = true; open;) {
        const auto asked = co_await http.next();
        if (!asked)
            break;
        auto decided = decide(*asked, rules);
        if (const auto* const wanted = std::get_if<web_upgrade>(&decided)) {
            auto next = channel_for(peer, *wanted, rules, http.rest());
            const bool sent = co_await http.send_all(accept_upgrade(wanted->asked, wanted->subprotocol));
            if (!sent)
                break;
            peer.go_on(std::move(next));
            co_return &wanted->at.serve;
        }
        if (auto* const response = std::get_if<http_response>(&decided)) {
            if (wants_websocket(*asked))
                log_refusal(peer, *asked, *response);
            open = co_await http.respond(std::move(*response), *asked);
            continue;
        }
        auto file = co_await read_file(peer, *rules.files, asked->path);
        open = co_await http.respond(std::move(file), *asked);
    }
    co_return nullptr;
}

} // namespace fairlead
