#include "server/listen_socket.hpp"

#include "core/system_error.hpp"
#include "net/resolve.hpp"
#include "net/socket_calls.hpp"
#include "server/listen_error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <iterator>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

// A port that is free at the first address may be taken at the second.
constexpr int port_attempts = 32;

unique_descriptor make_socket(int family) noexcept {
    return unique_descriptor{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
}

error_code find_local(listen_socket& opened) {
    const auto local = local_endpoint(opened.socket.get());
    if (local)
        opened.local = *local;
    return local ? error_code{} : local.error();
}

listen_socket open_unix(const url& url, const endpoint& address, ::mode_t mode) {
    listen_socket opened{make_socket(AF_UNIX), {}};
    const int socket = opened.socket.get();
    if (!opened.socket)
        refuse_to_listen(url, last_system_error());
    if (url.path.starts_with('@')) {
        if (!bind_to(socket, address) || ::listen(socket, backlog) != 0)
            refuse_to_listen(url, last_system_error(), errno == EADDRINUSE ? "another program has this name" : "");
        opened.local = address;
        return opened;
    }
    return {std::move(opened.socket), address, unix_socket_file::listen(socket, url, address, mode, backlog)};
}

endpoint with_port(const endpoint& address, std::uint16_t port) noexcept {
    ::sockaddr_in6 copy{};
    std::memcpy(&copy, address.data(), std::min(address.size(), sizeof copy));
    copy.sin6_port = htons(port); // where sin_port is as well
    return {reinterpret_cast<const ::sockaddr*>(&copy), address.size(), address.transport()};
}

bool not_on_this_machine(const error_code& why) noexcept {
    return why.value() == EADDRNOTAVAIL || why.value() == EAFNOSUPPORT;
}

error_code try_open_at_all(const std::vector<endpoint>& addresses, const open_socket& open,
                           std::vector<listen_socket>& opened) {
    opened.clear();
    error_code missing;
    for (const endpoint& each : addresses) {
        const bool follows = each.port() == 0 && !opened.empty();
        listen_socket next;
        const error_code failed = open(follows ? with_port(each, opened.front().local.port()) : each, next);
        if (not_on_this_machine(failed))
            missing = failed;
        else if (failed)
            return failed;
        else
            opened.push_back(std::move(next));
    }
    return opened.empty() ? missing : error_code{};
}

// The filter sees the packet from the TCP header on; byte 13 has the flags.
void drop_connection_requests(int socket) noexcept {
    constexpr std::uint32_t flags = 13;
    constexpr std::uint32_t syn = 0x02;
    constexpr std::uint32_t whole = 0xFFFFFFFF;
    ::sock_filter steps[] = {
        {BPF_LD | BPF_B | BPF_ABS, 0, 0, flags},
        {BPF_JMP | BPF_JSET | BPF_K, 0, 1, syn},
        {BPF_RET | BPF_K, 0, 0, 0},
        {BPF_RET | BPF_K, 0, 0, whole},
    };
    const ::sock_fprog program{std::size(steps), steps};
    ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

} // namespace

error_code open_tcp(const endpoint& address, const socket_options& options, listen_socket& opened, ipv6_reach reach) {
    opened.socket = make_socket(address.family());
    const int socket = opened.socket.get();
    // The default of IPV6_V6ONLY depends on the configuration of the system.
    if (!opened.socket || !set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1) ||
        (address.family() == AF_INET6 &&
         !set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, reach == ipv6_reach::alone ? 1 : 0)))
        return last_system_error();
    if (const auto applied = set_options(socket, options); !applied)
        return applied.error();
    if (!bind_to(socket, address) || ::listen(socket, backlog) != 0)
        return last_system_error();
    return find_local(opened);
}

std::vector<listen_socket> open_listen_sockets(const url& url, ::mode_t unix_mode, const socket_options& options,
                                               const std::vector<endpoint>& held) {
    const auto addresses = resolve(url, resolve_for::listening);
    if (!addresses)
        refuse_to_listen(url, addresses.error(), explain_listen_failure(addresses.error(), {}, held));
    std::vector<listen_socket> opened;
    if (url.transport == transport::unix_stream) {
        if (std::find(held.begin(), held.end(), addresses->front()) != held.end())
            refuse_to_listen(url, system_code(EADDRINUSE),
                             explain_listen_failure(system_code(EADDRINUSE), *addresses, held));
        opened.push_back(open_unix(url, addresses->front(), unix_mode));
        return opened;
    }
    const ipv6_reach reach = choose_reach(*addresses, held);
    const auto open_one = [&options, reach](const endpoint& address, listen_socket& socket) {
        return open_tcp(address, options, socket, reach);
    };
    const error_code failed = open_at_all(*addresses, open_one, opened);
    if (failed.value() == EAFNOSUPPORT)
        refuse_to_listen(url, failed, "this system has no IPv6; tcp://0.0.0.0:PORT listens at all addresses of IPv4");
    if (failed)
        refuse_to_listen(url, failed, explain_listen_failure(failed, *addresses, held));
    return opened;
}

std::string socket_name(url at) {
    if (at.websocket)
        at.path = "/";
    return at.to_string();
}

unique_descriptor copy_of(int socket) {
    unique_descriptor copy{::fcntl(socket, F_DUPFD_CLOEXEC, 3)};
    if (!copy)
        throw boost::system::system_error{last_system_error(), "a listening socket cannot be copied"};
    return copy;
}

error_code open_at_all(const std::vector<endpoint>& addresses, const open_socket& open,
                       std::vector<listen_socket>& opened) {
    error_code failed;
    for (int attempt = 0; attempt < port_attempts; ++attempt) {
        failed = try_open_at_all(addresses, open, opened);
        if (!failed)
            return failed;
        const bool port_taken_elsewhere = failed.value() == EADDRINUSE && !opened.empty() && addresses[0].port() == 0;
        if (!port_taken_elsewhere)
            break;
    }
    opened.clear();
    return failed;
}

void close_to_newcomers(int socket, const endpoint& local) noexcept {
    if (local.family() == AF_UNIX)
        ::shutdown(socket, SHUT_RD);
    else
        drop_connection_requests(socket);
}

} // namespace fairlead
