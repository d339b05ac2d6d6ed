#include <fairlead/handler.hpp>
#include <fairlead/session.hpp>

namespace fairlead {

boost::asio::awaitable<void> handler::serve(session& peer) {
    if (auto* const handle = std::get_if<message_handler>(&held_))
        return peer.serve(*handle);
    return std::get<conversation>(held_)(peer);
}

} // namespace fairlead
