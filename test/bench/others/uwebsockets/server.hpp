#pragma once

#include <App.h>

#include <cstdio>
#include <cstdlib>

/// Serves WebSocket at HOST PORT of the command line until it is killed, and prints where; port 0 is one that is free.
template <class Data>
int serve(uWS::App& app, int count, char** arguments, uWS::App::WebSocketBehavior<Data>&& behavior) {
    if (count != 3) {
        std::fprintf(stderr, "usage: %s HOST PORT\n", arguments[0]);
        return 2;
    }
    const auto announce = [&](us_listen_socket_t* listening) {
        if (listening == nullptr) {
            std::fprintf(stderr, "%s: cannot listen at %s:%s\n", arguments[0], arguments[1], arguments[2]);
            std::exit(1);
        }
        std::printf("listening ws://%s:%d/\n", arguments[1],
                    us_socket_local_port(0, reinterpret_cast<us_socket_t*>(listening)));
        std::fflush(stdout);
    };
    app.ws<Data>("/*", std::move(behavior)).listen(arguments[1], std::atoi(arguments[2]), announce).run();
    return 0;
}
