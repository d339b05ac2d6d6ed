// A session handler: one coroutine per connection, read top to bottom.
//
//     $ 03_session_handler &
//     $ fairlead talk tcp://127.0.0.1:9000 --framing line

#include <fairlead/framing/delimited.hpp>
#include <fairlead/server.hpp>
#include <fairlead/session.hpp>

#include <iostream>

boost::asio::awaitable<void> greet(fairlead::session& visitor) {
    visitor.send("who are you?");
    const auto answer = co_await visitor.receive(); // a whole message, or the reason there is none
    if (!answer)
        co_return;
    const std::string name = to_string(*answer); // a copy: the view lives until the next receive

    visitor.send("hello " + name);
    while (const auto message = co_await visitor.receive())
        visitor.send(name + " said: " + to_string(*message));
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, greet);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
