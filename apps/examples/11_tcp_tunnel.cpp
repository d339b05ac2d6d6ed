// A TCP tunnel: carries each connection to the first URL on to the second. A direction that ends, ends on the other side too.
//
//     $ 11_tcp_tunnel tcp://127.0.0.1:8000 tcp://127.0.0.1:9000 &
//     $ fairlead talk tcp://127.0.0.1:8000                             # talks to the server on port 9000

#include <fairlead/fairlead.hpp>

#include <iostream>

using boost::asio::awaitable;

// Reads no more than the other side takes.
awaitable<void> pump(fairlead::session& from, fairlead::session& to) {
    while (const auto bytes = co_await from.receive()) {
        to.send(*bytes);
        if (const auto taken = co_await to.flush(); !taken)
            break;
    }
    const auto why = from.close_reason().code;
    if (why && why != fairlead::errc::closed && why != fairlead::errc::stopping)
        co_return to.abort(why); // the connection failed: fail the other one too
    co_await to.shutdown();
}

awaitable<void> carry(fairlead::session& visitor, fairlead::url target) {
    const auto connected = co_await connect(visitor.shard(), target, fairlead::raw());
    if (!connected)
        co_return visitor.abort(connected.error());
    fairlead::session& other = **connected;
    const auto both = [&](fairlead::task_group& directions) -> awaitable<void> {
        co_await directions.start(pump(visitor, other));
        co_await pump(other, visitor);
    };
    co_await fairlead::with_tasks(1, both);
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
