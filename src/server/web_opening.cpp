#include "server/web_opening.hpp"

#include "core/descriptor_reserve.hpp"
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

constexpr std::chrono::hours a_year{24 * 365}; // as good as no limit, and a clock can still add it

std::chrono::milliseconds time_of(limits::duration limit) {
    return limit.count() == 0 ? a_year : std::chrono::milliseconds{limit};
}

// Only the log lists the paths that are served: the peer may be a stranger.
void log_refusal(const session_impl& peer, const http_request& asked, const http_response& answer,
                 const web_rules& rules) {
    log_exceptions([&] {
        constexpr std::size_t most = 200; // bytes of a path and of a reason
        const std::string why{cut_between_characters(answer.body.substr(0, answer.body.find('\n')), most)};
        const std::string path{asked.path.substr(0, most)};
        const std::string served = answer.status == 404 ? "; served: " + rules.listed_paths().substr(0, most) : "";
        log_warning(log_topic::upgrade_failed,
                    describe(peer) + ": no WebSocket at '" + escape(path) + "': " + std::to_string(answer.status) +
                        ", " + why + served,
                    origin_of(peer));
    });
}

// Returns an empty part if the file became shorter or cannot be read.
boost::asio::awaitable<std::string> read_part(session& peer, const web_file& file, std::size_t from) {
    auto read = [&file, from] { return file.read(from, http_exchange::piece); };
    const auto part = co_await peer.shard().blocking(read);
    if (!part)
        log_exceptions([&] { log_warning("a file of --ws-files cannot be read: " + part.error().message()); });
    co_return part ? *part : std::string{};
}

boost::asio::awaitable<bool> send_file(session& peer, http_exchange& http, const web_files& files,
                                       const http_request& asked) {
    auto open = [&files, &asked] { return files.open(asked.path); };
    auto opened = co_await peer.shard().blocking(open);
    if (auto* const response = std::get_if<http_response>(&opened))
        co_return co_await http.respond(std::move(*response), asked);
    const auto& file = std::get<web_file>(opened);
    const descriptor_reserve reserved{1};
    http_response head{.type = file.type};
    head.policy.clear(); // a page may say what it loads by itself
    http_exchange::body_source read = [&peer, &file](std::size_t from) { return read_part(peer, file, from); };
    co_return co_await http.respond(std::move(head), file.size, std::move(read), asked);
}

std::unique_ptr<websocket_channel> channel_for(opening_session& peer, const web_upgrade& wanted,
                                               std::string_view received) {
    const websocket& messages = *wanted.at.messages;
    const websocket_rules how = rules_of(messages, websocket_role::server, wanted.deflate.window);
    const websocket_request& asked = wanted.asked;
    websocket_info about{.path = asked.path,
                         .query = asked.query,
                         .host = asked.host,
                         .origin = asked.origin,
                         .subprotocol = wanted.subprotocol,
                         .deflate = wanted.deflate.window != 0};
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
            auto next = channel_for(peer, *wanted, http.rest());
            const bool sent =
                co_await http.send_all(accept_upgrade(wanted->asked, wanted->subprotocol, wanted->deflate.answer));
            if (!sent)
                break;
            peer.go_on(std::move(next));
            co_return &wanted->at.serve;
        }
        if (auto* const response = std::get_if<http_response>(&decided)) {
            if (wants_websocket(*asked))
                log_refusal(peer, *asked, *response, rules);
            open = co_await http.respond(std::move(*response), *asked);
            continue;
        }
        open = co_await send_file(peer, http, *rules.files, *asked);
    }
    co_return nullptr;
}

} // namespace fairlead
