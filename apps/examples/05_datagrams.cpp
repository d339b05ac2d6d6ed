// Datagrams: the same handlers as over TCP, and no framing, for each datagram is a message.
//
//     $ 05_datagrams &
//     $ fairlead talk udp://127.0.0.1:9000

#include <fairlead/server.hpp>
#include <fairlead/session.hpp>

#include <iostream>
#include <string>

// One session for each address that sends; it ends when nothing has come for a while (limits::idle_timeout).
boost::asio::awaitable<void> count(fairlead::session& visitor) {
    int number = 0;
    while (const auto datagram = co_await visitor.receive())
        visitor.send(std::to_string(++number) + ": " + to_string(*datagram));
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto address = server.listen(argc > 1 ? argv[1] : "udp://127.0.0.1:9000", count);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
