#include "session/session_impl.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/session.hpp>

#include <utility>

namespace fairlead {

namespace {

boost::asio::awaitable<void> serve_each(session_impl& peer, message_handler& handle) {
    try {
        for (peer.serve(handle); !peer.served();)
            co_await peer.changed().wait();
    } catch (...) { // cancelled, or thrown by the handler
        peer.stop_serving();
        throw;
    }
}

// A session of a user's own class, or one behind a layer, has the public functions only.
boost::asio::awaitable<void> receive_each(session& peer, message_handler& handle) {
    for (;;) {
        while (const auto next = peer.try_receive()) // a coroutine for each would cost more than most handlers
            handle(*next, peer);
        const auto message = co_await peer.receive();
        if (!message)
            co_return;
        handle(*message, peer);
    }
}

} // namespace

handler::handler(session_handler of_sessions, message_handler of_datagrams)
    : held_{two_forms{{std::move(of_sessions), std::move(of_datagrams)}}} {}

boost::asio::awaitable<void> handler::serve(session& peer) {
    if (auto* const held = std::get_if<two_forms>(&held_))
        return held->both->of_sessions(peer);
    message_handler* const handle = per_message();
    if (!handle)
        return std::get<shape<session_handler>>(held_).function(peer);
    if (auto* const ours = dynamic_cast<session_impl*>(&peer))
        return serve_each(*ours, *handle);
    return receive_each(peer, *handle);
}

} // namespace fairlead
