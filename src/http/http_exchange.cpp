#include "http/http_exchange.hpp"

#include "runtime/shard_core.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <utility>
#include <variant>

namespace fairlead {

namespace {

constexpr unsigned most_unbroken = 16; // requests that are answered in one turn

std::time_t time_of_day() {
    return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
}

} // namespace

http_exchange::http_exchange(session& peer, options how) noexcept
    : peer_{peer}, how_{how}, held_{core_of(peer.shard()).blocks()} {}

boost::asio::awaitable<std::optional<http_request>> http_exchange::next() {
    for (;;) {
        auto step = reader_.next();
        if (auto* const asked = std::get_if<http_request>(&step)) {
            if (++unbroken_ % most_unbroken == 0) // for the other sessions
                co_await boost::asio::post(core_of(peer_.shard()).executor(), boost::asio::deferred);
            co_return std::move(*asked);
        }
        if (auto* const refused = std::get_if<http_refusal>(&step)) {
            http_response response = how_.refuse(refused->status, refused->why);
            response.headers = std::move(refused->headers);
            co_await respond(std::move(response), after_response::close, false);
            co_return std::nullopt;
        }
        if (reader_.takes_continue())
            peer_.send("HTTP/1.1 100 Continue\r\n\r\n");
        const bool more = co_await read_more();
        if (!more)
            co_return std::nullopt;
    }
}

boost::asio::awaitable<bool> http_exchange::respond(http_response response, const http_request& to) {
    const after_response next = after(to);
    const bool sent = co_await respond(std::move(response), next, to.method == "HEAD");
    co_return may_go_on(sent, next);
}

boost::asio::awaitable<bool> http_exchange::respond(http_response head, std::size_t length, body_source read,
                                                    const http_request& to) {
    const after_response next = after(to);
    const std::string text = http_head(head, length, next, time_of_day());
    bool sent = co_await send_all(text);
    for (std::size_t at = 0; sent && at < length && to.method != "HEAD";) {
        std::string part = co_await read(at);
        at += part.size();
        sent = !part.empty() && peer_.send(part).has_value();
        std::string{}.swap(part); // it is in the queue of the session, which counts it
        if (!sent)
            break;
        const auto flushed = co_await peer_.flush();
        sent = flushed.has_value();
    }
    co_return may_go_on(sent, next);
}

after_response http_exchange::after(const http_request& asked) const noexcept {
    return asked.keep_alive && !peer_.stopping() ? after_response::next_request : after_response::close;
}

bool http_exchange::may_go_on(bool sent, after_response next) noexcept {
    began_ = core_of(peer_.shard()).steady_now(); // of the next one, if it has come already
    return sent && next == after_response::next_request;
}

boost::asio::awaitable<bool> http_exchange::respond(http_response response, after_response next, bool head_only) {
    std::string head = http_head(response, next, time_of_day());
    const std::string_view body = head_only ? std::string_view{} : std::string_view{response.body};
    if (body.size() <= piece)
        co_return co_await send_all(head += body);
    const bool begun = co_await send_all(head);
    co_return begun&& co_await send_all(body);
}

boost::asio::awaitable<bool> http_exchange::send_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view next = bytes.substr(0, piece);
        bytes.remove_prefix(next.size());
        if (!peer_.send(next))
            co_return false;
        const auto flushed = co_await peer_.flush();
        if (!flushed)
            co_return false;
    }
    co_return true;
}

boost::asio::awaitable<bool> http_exchange::read_more() {
    using std::chrono::milliseconds;
    shard_core& shard = core_of(peer_.shard());
    const bool inside = reader_.inside_request();
    const auto spent = inside ? shard.steady_now() - began_ : shard::clock::duration{0};
    const auto left = std::chrono::ceil<milliseconds>((inside ? how_.request : how_.idle) - spent);
    result<bytes_view> came{errc::timed_out}; // without time left, bytes that are there already are late, too
    if (left.count() > 0)
        came = co_await peer_.receive(left);
    if (came) {
        if (!inside)
            began_ = shard.steady_now();
        reader_.add(*came);
        held_.set(reader_.held());
        co_return true;
    }
    if (inside && came.error() == errc::timed_out) {
        http_response late = how_.refuse(408, "the request did not end in time");
        co_await respond(std::move(late), after_response::close, false);
    }
    co_return false;
}

} // namespace fairlead
