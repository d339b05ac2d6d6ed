// A TCP tunnel: carries each connection to the first URL on to the second. A direction that ends, ends on the other side too.
//
//     $ 11_tcp_tunnel tcp://127.0.0.1:8000 tcp://127.0.0.1:9000 &
//     $ fairlead talk tcp://127.0.0.1:8000                             # talks to the server on port 9000

#include <fairlead/fairlead.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <iostream>

using boost::asio::awaitable;

// Reads no more than the other side takes.
awaitable<void> pump(fairlead::session& from, fairlead::session& to) {
    while (const auto bytes = co_await from.receive()) {
        to.send(*bytes);
        if (const auto taken = co_await to.flush(); !taken)
            break;
    }
    if (const auto why = from.close_reason().code; why && why != fairlead::errc::closed)
        co_return to.abort(why); // it broke, and so does the other
    co_await to.shutdown();
}

awaitable<void> carry(fairlead::session& visitor, fairlead::url target) {
    const auto connected = co_await connect(visitor.shard(), target, fairlead::raw());
    if (!connected)
        co_return visitor.abort(connected.error());
    using namespace boost::asio::experimental::awaitable_operators;
    auto there = pump(visitor, **connected);
    auto back = pump(**connected, visitor);
    co_await (std::move(there) && std::move(back));
}

int main(int argc, char** argv) {
    if (argc != 3)
        return std::cerr << "usage: 11_tcp_tunnel URL TARGET-URL\n", 2;
    fairlead::server server;
    const auto target = fairlead::url::parse(argv[2]);
    const fairlead::limits bounds{.first_message_timeout = {}}; // in many protocols the server speaks first
    const auto where = server.listen(argv[1], fairlead::raw{}, [=](auto& visitor) { return carry(visitor, target); },
                                     {.limits = bounds});
    std::cout << "listening " << where.to_string() << std::endl;
    return server.run();
}
