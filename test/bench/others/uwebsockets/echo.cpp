// uwebsockets-echo HOST PORT      an echo over WebSocket; for websocket.py

#include "server.hpp"

namespace {

struct nothing {};

} // namespace

int main(int count, char** arguments) {
    uWS::App app;
    return serve<nothing>(
        app, count, arguments,
        {.maxPayloadLength = 1 << 20,
         .maxBackpressure = 4 << 20,
         .message = [](auto* from, std::string_view message, uWS::OpCode code) { from->send(message, code); }});
}
