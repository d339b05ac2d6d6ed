#include <fairlead/handler.hpp>
#include <fairlead/session.hpp>

namespace fairlead {

namespace {

boost::asio::awaitable<void> serve_messages(message_handler& handle, session& peer) {
    while (const auto first = co_await peer.receive()) {
        handle(*first, peer);
        while (const auto next = peer.try_receive())
            handle(*next, peer);
    }
}

} // namespace

boost::asio::awaitable<void> handler::serve(session& peer) {
    if (auto* const handle = std::get_if<message_handler>(&held_))
        return serve_messages(*handle, peer);
    return std::get<conversation>(held_)(peer);
}

} // namespace fairlead
