// @NAME@ URL DIRECTORY: serves until SIGINT or SIGTERM. Browsers get the files of DIRECTORY.

#include "handler.hpp"

#include <fairlead/framing/websocket.hpp>
#include <fairlead/server.hpp>

#include <exception>
#include <iostream>

static void announce(const fairlead::endpoint& address) {
    std::cout << "listening " << address.to_string() << std::endl;
}

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: @NAME@ URL DIRECTORY, such as @NAME@ @ARGUMENTS@\n";
        return 2;
    }
    try {
        fairlead::server server{{.notify_service_manager = true, .on_listening = announce}};
        const fairlead::websocket text{{.messages = fairlead::websocket_messages::text}};
        fairlead::websocket_server_options web;
        web.files = argv[2];
        server.listen(argv[1], text, serve, {.websocket = web});
        return server.run(); // 0, or 3 if the stop had to cut sessions off
    } catch (const std::exception& failed) {
        std::cerr << "@NAME@: " << failed.what() << '\n';
        return 1;
    }
}
