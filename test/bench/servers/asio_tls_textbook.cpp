// asio-tls-textbook HOST PORT CHAIN KEY
//
// As tutorials write it with coroutines of Asio, over ssl::stream: read a header, read a body, write both.

#include "asio_tls_server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;
using namespace fairlead::bench;

asio::awaitable<void> echo(tcp::socket socket) {
    std::array<char, header_size> header;
    std::vector<char> body;
    try {
        socket.set_option(tcp::no_delay{true});
        asio::ssl::stream<tcp::socket> peer{std::move(socket), server_context()};
        co_await peer.async_handshake(asio::ssl::stream_base::server, use_awaitable);
        for (;;) {
            co_await asio::async_read(peer, asio::buffer(header), use_awaitable);
            const std::size_t size = message_size(header.data());
            if (size > max_message)
                co_return;
            body.resize(size);
            co_await asio::async_read(peer, asio::buffer(body), use_awaitable);
            const std::array<asio::const_buffer, 2> frame{asio::buffer(header), asio::buffer(body)};
            co_await asio::async_write(peer, frame, use_awaitable);
        }
    } catch (const boost::system::system_error&) {
        // the peer has gone
    }
}

} // namespace

int main(int count, char** arguments) {
    return serve_tls_by_asio<asio::any_io_executor>(count, arguments, echo);
}
