// Counters of one's own beside those of the server, for Prometheus.
//
//     $ 19_own_metrics &
//     $ echo rope | fairlead talk tcp://127.0.0.1:9000 --framing line
//     $ curl -s http://127.0.0.1:9464/metrics | grep order

#include <fairlead/fairlead.hpp>

#include <iostream>

int main(int argc, char** argv) {
    fairlead::server server;
    const auto taken = server.metrics().counter("orders_total", "Orders taken.");
    const auto sizes = server.metrics().histogram("order_size_bytes", "Sizes of orders.", {16, 256, 4096});
    const auto take = [taken, sizes](fairlead::bytes_view order, fairlead::peer& from) {
        taken.add();
        sizes.observe(static_cast<double>(order.size()));
        from.send("taken");
    };
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, take);
    server.admin(argc > 2 ? argv[2] : "tcp://127.0.0.1:9464"); // http://127.0.0.1:9464/metrics
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
