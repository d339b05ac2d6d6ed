#include <fairlead/handler.hpp>
#include <fairlead/session.hpp>

namespace fairlead {

namespace {

boost::asio::awaitable<void> serve_each(session& peer, message_handler& handle) {
    for (peer.serve(handle); !peer.served();)
        co_await peer.changed().wait();
}

} // namespace

boost::asio::awaitable<void> handler::serve(session& peer) {
    if (message_handler* const handle = per_message())
        return serve_each(peer, *handle);
    return std::get<session_handler>(held_)(peer);
}

} // namespace fairlead
