#include "handler.hpp"

#include <fairlead/handlers/uppercase.hpp>

boost::asio::awaitable<void> serve(fairlead::session& peer) {
    while (const auto message = co_await peer.receive(max_silence))
        peer.send(fairlead::to_upper(*message));
    // The peer has left or was silent for too long, or the server stops. The connection closes now.
}
