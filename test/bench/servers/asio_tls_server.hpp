#pragma once

#include "asio_server.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstdio>
#include <exception>

namespace fairlead::bench {

// What both servers of Asio's over TLS have in common.

template <class Executor>
using asio_tls_stream = boost::asio::ssl::stream<asio_socket<Executor>>;

/// That of all connections.
inline boost::asio::ssl::context& server_context() {
    static boost::asio::ssl::context made{boost::asio::ssl::context::tls_server};
    return made;
}

/// All of `main`: PROGRAM HOST PORT CHAIN KEY
template <class Executor>
int serve_tls_by_asio(int count, char** arguments, asio_echo<Executor> echo) {
    if (count != 5) {
        std::fprintf(stderr, "usage: %s HOST PORT CHAIN.pem KEY.pem\n", arguments[0]);
        return 2;
    }
    try {
        boost::asio::ssl::context& context = server_context();
        context.use_certificate_chain_file(arguments[3]);
        context.use_private_key_file(arguments[4], boost::asio::ssl::context::pem);
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "%s: %s\n", arguments[0], failed.what());
        return 1;
    }
    return serve_by_asio<Executor>(3, arguments, echo, "tls");
}

} // namespace fairlead::bench
