// @NAME@ [URL]: serves until SIGINT or SIGTERM.

#include "framing.hpp"
#include "handler.hpp"

#include <fairlead/server.hpp>

#include <exception>
#include <iostream>

static void announce(const fairlead::endpoint& address) {
    std::cout << "listening " << address.to_string() << std::endl;
}

int main(int argc, char** argv) {
    try {
        fairlead::server server{{.notify_service_manager = true, .on_listening = announce}};
        server.listen(argc > 1 ? argv[1] : "@URL@", message_framing(), serve);
        return server.run(); // 0, or 3 if the stop had to cut sessions off
    } catch (const std::exception& failed) {
        std::cerr << "@NAME@: " << failed.what() << '\n';
        return 1;
    }
}
