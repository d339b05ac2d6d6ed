#include "admin/admin_connection.hpp"

#include "admin/admin_limits.hpp"
#include "admin/state_json.hpp"
#include "http/http_exchange.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/shard.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace fairlead {

namespace {

using namespace admin_limits;
using clock = std::chrono::system_clock;

shard::clock::time_point now(session& peer) {
    return core_of(peer.shard()).steady_now();
}

double seconds_now() {
    return std::chrono::duration<double>(clock::now().time_since_epoch()).count();
}

/// Counts an event stream in the context while it lives.
class event_stream_place {
public:
    explicit event_stream_place(admin_context& context) noexcept : context_{context} { ++context_.event_streams; }
    event_stream_place(const event_stream_place&) = delete;
    event_stream_place& operator=(const event_stream_place&) = delete;
    ~event_stream_place() { --context_.event_streams; }

private:
    admin_context& context_;
};

// Waits for `duration`. Returns false if the peer leaves or the endpoint stops before that. Received bytes
// are dropped.
boost::asio::awaitable<bool> wait_beside(session& peer, std::chrono::milliseconds duration) {
    const auto end = now(peer) + duration;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now(peer));
        const auto came = co_await peer.receive(left);
        if (!came)
            co_return came.error() == errc::timed_out;
    }
}

boost::asio::awaitable<void> send_events(session& peer, http_exchange& http, admin_context& context) {
    const event_stream_place place{context};
    const http_response head{.type = "text/event-stream"};
    std::string bytes = http_head_until_close(head, clock::to_time_t(clock::now()));
    for (;;) {
        bytes += "event: state\ndata: " + state_json(context.server, seconds_now()) + "\n\n";
        const bool sent = co_await http.send_all(bytes);
        if (!sent)
            co_return;
        bytes.clear();
        const bool goes_on = co_await wait_beside(peer, between_events);
        if (!goes_on)
            co_return;
    }
}

// Polls `done` at growing intervals, for at most `shard_time`: a blocked or ended thread cannot wake this one.
template <class Condition>
boost::asio::awaitable<void> wait_for_shards(session& peer, Condition done) {
    std::chrono::milliseconds pause{1}, waited{0};
    while (!done() && waited < shard_time) {
        co_await peer.shard().sleep_for(pause);
        waited += pause;
        pause = std::min(pause + pause / 2 + std::chrono::milliseconds{1}, shard_time - waited);
    }
}

boost::asio::awaitable<http_response> list_sessions(session& peer, admin_subject& server, session_query query) {
    const auto survey = server.survey(std::move(query));
    const auto done = [&survey] { return survey->complete(); };
    co_await wait_for_shards(peer, done);
    http_response made{.type = "application/json"};
    made.body = to_json(survey->take()) + "\n";
    co_return made;
}

http_response closing_response(const session_closing& closing) {
    const std::string name = "session " + std::to_string(closing.id);
    switch (closing.present()) {
    case session_closing::outcome::closed: return done_response(name + " is closed");
    case session_closing::outcome::unknown: return error_response(404, "there is no " + name);
    case session_closing::outcome::pending: break;
    }
    std::string silent;
    for (const std::size_t each : closing.silent_shards())
        silent += (silent.empty() ? "" : ", ") + std::to_string(each);
    return error_response(503, "thread " + silent + " is blocked and has not answered; if " + name +
                                   " is there, it is closed as soon as the thread comes back (see /healthz)");
}

boost::asio::awaitable<http_response> close_session(session& peer, admin_subject& server, std::uint64_t id) {
    const auto closing = server.close_session(id);
    const auto done = [&closing] { return closing->present() != session_closing::outcome::pending; };
    co_await wait_for_shards(peer, done);
    co_return closing_response(*closing);
}

// Returns true if another request may follow.
boost::asio::awaitable<bool> serve_request(session& peer, http_exchange& http, admin_context& context,
                                           http_request asked) {
    admin_answer decided = answer(asked, context.access, context.server, seconds_now());
    http_response response;
    if (auto* const sessions = std::get_if<wants_sessions>(&decided)) {
        response = co_await list_sessions(peer, context.server, std::move(sessions->query));
    } else if (const auto* const closing = std::get_if<wants_closing>(&decided)) {
        response = co_await close_session(peer, context.server, closing->session);
    } else if (auto* const ready = std::get_if<http_response>(&decided)) {
        response = std::move(*ready);
    } else if (context.event_streams < event_streams) {
        co_await send_events(peer, http, context);
        co_return false;
    } else {
        response = error_response(503, "there are " + std::to_string(event_streams) +
                                           " streams of events already; close another page");
    }
    co_return co_await http.respond(std::move(response), asked);
}

boost::asio::awaitable<void> serve_requests(session& peer, admin_context& context) {
    http_exchange http{peer, {.request = request_time, .idle = idle_time, .refuse = error_response}};
    for (bool open = true; open;) {
        auto asked = co_await http.next();
        open = asked.has_value();
        if (open)
            open = co_await serve_request(peer, http, context, std::move(*asked));
    }
}

} // namespace

boost::asio::awaitable<void> serve_admin(std::shared_ptr<session> peer, admin_context& context) {
    co_await serve_requests(*peer, context);
    co_await peer->close_gracefully();
}

} // namespace fairlead
