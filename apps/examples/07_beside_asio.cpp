// Fairlead beside plain Asio: a server and an acceptor of the program's own, in one io_context on one thread.
//
//     $ 07_beside_asio tcp://127.0.0.1:9000 8000 &
//     $ fairlead talk tcp://127.0.0.1:9000 --framing line        # each line comes back in capitals
//     $ nc 127.0.0.1 8000                                        # tells how many sessions there are

#include <fairlead/fairlead.hpp>

#include <boost/asio.hpp>
#include <iostream>

using boost::asio::as_tuple, boost::asio::use_awaitable, boost::asio::ip::tcp;

boost::asio::awaitable<void> tell_load(tcp::acceptor acceptor, const fairlead::server& server) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
        const std::string load = std::to_string(server.statistics().active) + " sessions\n";
        co_await async_write(socket, boost::asio::buffer(load), as_tuple(use_awaitable)); // the visitor may be gone
    }
}

int main(int argc, char** argv) {
    boost::asio::io_context context{1};
    fairlead::server server{context};
    const auto address =
        server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, fairlead::uppercase());
    server.start();
    const auto port = static_cast<unsigned short>(argc > 2 ? std::stoi(argv[2]) : 8000);
    co_spawn(context, tell_load(tcp::acceptor{context, {tcp::v4(), port}}, server), [](std::exception_ptr thrown) {
        if (thrown) // no more visitors are accepted: leave `context.run`
            std::rethrow_exception(thrown);
    });
    boost::asio::signal_set signals{context, SIGINT, SIGTERM};
    signals.async_wait([&](auto, int) {
        server.stop();
        co_spawn(context, server.drained(), [&](auto...) { context.stop(); });
    });
    std::cout << "listening " << address.to_string() << std::endl;
    context.run();
}
