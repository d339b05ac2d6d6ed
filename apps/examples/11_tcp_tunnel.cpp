// A TCP tunnel: carries each connection to the first URL on to the second. A direction that ends, ends on the other side too.
//
//     $ 11_tcp_tunnel tcp://127.0.0.1:8000 tcp://127.0.0.1:9000 &
//     $ fairlead talk tcp://127.0.0.1:8000                             # talks to the server on port 9000

#include <fairlead/fairlead.hpp>

#include <iostream>

boost::asio::awaitable<void> carry(fairlead::session& visitor, fairlead::url target) {
    const auto connected = co_await connect(visitor.shard(), target, fairlead::raw());
    if (!connected)
        co_return visitor.reset(connected.error());
    co_await splice(visitor, **connected);
    co_await (*connected)->close_gracefully();
}

int main(int argc, char** argv) {
    if (argc != 3)
        return std::cerr << "usage: 11_tcp_tunnel URL TARGET-URL\n", 2;
    fairlead::server server;
    const auto target = fairlead::url::parse(argv[2]);
    const auto address = server.listen(argv[1], fairlead::raw{}, [=](auto& visitor) { return carry(visitor, target); });
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
