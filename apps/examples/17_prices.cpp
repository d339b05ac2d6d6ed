// A feed of prices: a client names a price and gets each new value; a client that reads slowly gets the latest only.
//
//     $ 17_prices &
//     $ fairlead talk tcp://127.0.0.1:9000 --framing line      # "EURUSD" follows a price, "EURUSD 1.09" sets it

#include <fairlead/framing/delimited.hpp>
#include <fairlead/server.hpp>
#include <fairlead/topics.hpp>

#include <iostream>

int main(int argc, char** argv) {
    fairlead::topics prices; // before the server: it outlives the sessions
    fairlead::server server;
    const auto handler = [&prices](fairlead::bytes_view message, fairlead::peer& from) {
        const auto line = message.text();
        const std::string name{line.substr(0, line.find(' '))};
        if (name.size() != line.size()) {
            prices.publish(name, message);
        } else if (const auto done =
                       prices.subscribe(from, name, {.when_slow = fairlead::slow_subscriber::keep_latest});
                   !done) {
            from.send("cannot follow this: " + done.error().message());
        }
    };
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, handler);
    prices.count_in(server.metrics());
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
