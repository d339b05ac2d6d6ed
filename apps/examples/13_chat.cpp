// A chat: every line goes to all visitors, on all threads of the server. `fairlead serve chat` is a larger one.
//
//     $ 13_chat &
//     $ fairlead talk tcp://127.0.0.1:9000 --framing line      # in two terminals; "/nick Ann" changes the name

#include <fairlead/fairlead.hpp>

#include <iostream>

// The others never wait for a visitor that reads too slowly: its session is closed.
boost::asio::awaitable<void> chat(fairlead::session& visitor, fairlead::topics& rooms) {
    const auto say = [&](const std::string& line) {
        if (const auto said = rooms.publish("hall", line); !said)
            visitor.send("* nobody got this: " + said.error().message());
    };
    std::string name = "visitor " + std::to_string(visitor.id());
    rooms.subscribe(visitor, "hall", {.when_slow = fairlead::slow_subscriber::close});
    say("* " + name + " joined");
    while (const auto message = co_await visitor.receive()) {
        const std::string line = to_string(*message);
        if (line.starts_with("/nick ") && line.size() > 6) {
            say("* " + name + " is " + line.substr(6) + " now");
            name = line.substr(6);
        } else {
            say(name + ": " + line);
        }
    }
    say("* " + name + " left: " + visitor.close_reason().message());
}

int main(int argc, char** argv) {
    fairlead::topics rooms; // before the server: it outlives the sessions
    fairlead::server server;
    const auto handler = [&](fairlead::session& visitor) { return chat(visitor, rooms); };
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, handler);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
