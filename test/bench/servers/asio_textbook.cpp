// asio-textbook HOST PORT | --inproc CONNECTIONS,DEPTH,SIZE,SECONDS
//
// As tutorials write it with coroutines of Asio: read a header, read a body, write both.

#include "framed.hpp"

#include "../inproc.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdio>
#include <exception>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;
using namespace fairlead::bench;

asio::awaitable<void> echo(tcp::socket peer) {
    std::array<char, header_size> header;
    std::vector<char> body;
    try {
        peer.set_option(tcp::no_delay{true});
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

void rethrow(std::exception_ptr thrown) {
    if (thrown)
        std::rethrow_exception(thrown);
}

asio::awaitable<void> accept(tcp::acceptor listener) {
    for (;;) {
        tcp::socket peer = co_await listener.async_accept(use_awaitable);
        asio::co_spawn(listener.get_executor(), echo(std::move(peer)), rethrow);
    }
}

} // namespace

int main(int count, char** arguments) {
    try {
        asio::io_context home{1};
        if (const auto plan = inproc_plan::parse(count, arguments)) {
            const auto adopt = [&](int near) {
                asio::co_spawn(home, echo(tcp::socket{home, tcp::v4(), near}), rethrow);
            };
            far_ends far{plan->connections, adopt};
            return measure_inproc(*plan, far, [&] { home.poll(); });
        }
        const address where = parse_address(count, arguments);
        tcp::acceptor listener{home, {asio::ip::make_address(where.host), where.port}};
        announce(where, listener.local_endpoint().port());
        asio::co_spawn(home, accept(std::move(listener)), rethrow);
        home.run();
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "asio-textbook: %s\n", failed.what());
        return 1;
    }
}
