// uwebsockets-publish HOST PORT
//
// A message of one byte subscribes to the topic of that name, and is its own reply; a longer one goes to the subscribers of its
// first byte. For topics.py.

#include "server.hpp"

namespace {

struct nothing {};

} // namespace

int main(int count, char** arguments) {
    uWS::App app;
    const auto take = [&app](auto* from, std::string_view message, uWS::OpCode code) {
        if (message.size() == 1) {
            from->subscribe(message);
            from->send(message, code);
        } else {
            app.publish(message.substr(0, 1), message, code);
        }
    };
    return serve<nothing>(app, count, arguments, {.idleTimeout = 0, .message = take});
}
