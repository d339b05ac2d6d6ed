// raw-epoll HOST PORT | --inproc CONNECTIONS,DEPTH,SIZE,SECONDS
//
// The practical limit of what epoll allows, to which the others are compared.

#include "raw_epoll.hpp"

#include "../inproc.hpp"

#include <arpa/inet.h>
#include <cstdio>
#include <exception>

namespace {

using namespace fairlead::bench;

int listen_at(const address& where) {
    ::sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = ::htons(where.port);
    require(::inet_pton(AF_INET, where.host, &own.sin_addr) == 1, "HOST is an address of IPv4");
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::socklen_t size = sizeof own;
    require(::bind(socket, reinterpret_cast<::sockaddr*>(&own), size) == 0, "bind");
    require(::listen(socket, SOMAXCONN) == 0, "listen");
    require(::getsockname(socket, reinterpret_cast<::sockaddr*>(&own), &size) == 0, "getsockname");
    announce(where, ::ntohs(own.sin_port));
    return socket;
}

} // namespace

int main(int count, char** arguments) {
    try {
        raw_epoll server;
        if (const auto plan = inproc_plan::parse(count, arguments)) {
            far_ends far{plan->connections, [&](int near) { server.adopt(near); }};
            return measure_inproc(*plan, far, [&] { server.run_until_idle(); });
        }
        server.listen(listen_at(parse_address(count, arguments)));
        server.run();
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "raw-epoll: %s\n", failed.what());
        return 1;
    }
}
