// session_handler HOST PORT
//
// A user's handler on Fairlead: one coroutine for each connection.

#include "framed.hpp"

#include <fairlead/fairlead.hpp>

#include <exception>
#include <string>

namespace {

boost::asio::awaitable<void> echo(fairlead::session& peer) {
    while (const auto message = co_await peer.receive()) {
        if (!peer.send(*message))
            break;
    }
}

} // namespace

int main(int count, char** arguments) {
    const auto where = fairlead::bench::parse_address(count, arguments);
    try {
        fairlead::server server{{.threads = 1}};
        const auto own = server.listen(std::string{"tcp://"} + where.host + ":" + std::to_string(where.port),
                                       fairlead::length_prefixed{}, echo);
        fairlead::bench::announce(where, own.port());
        return server.run();
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "session-handler: %s\n", failed.what());
        return 1;
    }
}
