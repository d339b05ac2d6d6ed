#pragma once

#include "framed.hpp"

#include "../inproc.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdio>
#include <exception>
#include <utility>

namespace fairlead::bench {

// What both servers of Asio's have in common: what is around the coroutine for a connection.

template <class Executor>
using asio_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
template <class Executor>
using asio_acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;

template <class Executor>
using asio_echo = boost::asio::awaitable<void, Executor> (*)(asio_socket<Executor> peer);

inline void rethrow(std::exception_ptr thrown) {
    if (thrown)
        std::rethrow_exception(thrown);
}

template <class Executor>
boost::asio::awaitable<void, Executor> accept(asio_acceptor<Executor> listener, asio_echo<Executor> echo) {
    constexpr boost::asio::use_awaitable_t<Executor> awaited{};
    for (;;) {
        asio_socket<Executor> peer = co_await listener.async_accept(awaited);
        boost::asio::co_spawn(listener.get_executor(), echo(std::move(peer)), rethrow);
    }
}

/// All of `main`.
template <class Executor>
int serve_by_asio(int count, char** arguments, asio_echo<Executor> echo, const char* scheme = "tcp") {
    try {
        boost::asio::io_context home{1};
        if (const auto plan = inproc_plan::parse(count, arguments)) {
            const auto adopt = [&](int near) {
                asio_socket<Executor> peer{home, boost::asio::ip::tcp::v4(), near};
                boost::asio::co_spawn(home, echo(std::move(peer)), rethrow);
            };
            far_ends far{plan->connections, adopt};
            return measure_inproc(*plan, far, [&] { home.poll(); });
        }
        const address where = parse_address(count, arguments);
        asio_acceptor<Executor> listener{home, {boost::asio::ip::make_address(where.host), where.port}};
        announce(where, listener.local_endpoint().port(), scheme);
        boost::asio::co_spawn(home, accept<Executor>(std::move(listener), echo), rethrow);
        home.run();
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "%s: %s\n", arguments[0], failed.what());
        return 1;
    }
    return 0;
}

} // namespace fairlead::bench
