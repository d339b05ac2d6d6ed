// beast-echo HOST PORT      port 0: one that is free
//
// An echo over WebSocket as Beast's examples with coroutines have it: a tcp_stream, the suggested timeouts, and for each message one
// read into a flat_buffer and one write. One thread; for websocket.py. The sockets have TCP_NODELAY.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::use_awaitable;
using asio::ip::tcp;

void rethrow(std::exception_ptr failed) {
    if (failed)
        std::rethrow_exception(failed);
}

asio::awaitable<void> echo(tcp::socket peer) {
    try {
        peer.set_option(tcp::no_delay{true});
        websocket::stream<beast::tcp_stream> messages{std::move(peer)};
        messages.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
        co_await messages.async_accept(use_awaitable);
        beast::flat_buffer buffer;
        for (;;) {
            co_await messages.async_read(buffer, use_awaitable);
            messages.text(messages.got_text());
            co_await messages.async_write(buffer.data(), use_awaitable);
            buffer.consume(buffer.size());
        }
    } catch (const boost::system::system_error&) {
        // the peer has gone
    }
}

asio::awaitable<void> accept(tcp::acceptor from) {
    for (;;) {
        tcp::socket peer = co_await from.async_accept(use_awaitable);
        asio::co_spawn(from.get_executor(), echo(std::move(peer)), rethrow);
    }
}

} // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: %s HOST PORT\n", arguments[0]);
        return 2;
    }
    try {
        asio::io_context context{1};
        const auto port = static_cast<unsigned short>(std::atoi(arguments[2]));
        tcp::acceptor acceptor{context, {asio::ip::make_address(arguments[1]), port}};
        std::printf("listening ws://%s:%u/\n", arguments[1], unsigned{acceptor.local_endpoint().port()});
        std::fflush(stdout);
        asio::co_spawn(context, accept(std::move(acceptor)), rethrow);
        context.run();
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "beast-echo: %s\n", failed.what());
        return 1;
    }
}
