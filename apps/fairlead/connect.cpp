#include "connect.hpp"

#include "base/resolve.hpp"
#include "base/system_error.hpp"
#include "quantity.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>

namespace fairlead::command {

namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void refuse(const url& where, const std::string& why) {
    throw std::runtime_error{"cannot connect to " + where.to_string() + ": " + why};
}

error_code await_connected(int socket, clock::time_point deadline) {
    ::pollfd waiting{socket, POLLOUT, 0};
    int ready = 0;
    do {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
        ready = ::poll(&waiting, 1, static_cast<int>(std::clamp<long>(left.count(), 0, INT_MAX)));
    } while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return last_system_error();
    if (ready == 0)
        return {ETIMEDOUT, boost::system::system_category()};
    int failed = 0;
    ::socklen_t size = sizeof failed;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failed, &size);
    return {failed, boost::system::system_category()};
}

error_code try_connect(int socket, const endpoint& address) {
    const auto size = static_cast<::socklen_t>(address.size());
    return ::connect(socket, address.data(), size) == 0 ? error_code{} : last_system_error();
}

error_code connect_tcp(int socket, const endpoint& address, clock::time_point deadline) {
    const int on = 1;
    if (::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        return last_system_error();
    const error_code failed = try_connect(socket, address);
    return failed.value() == EINPROGRESS ? await_connected(socket, deadline) : failed;
}

// A full backlog refuses at once with EAGAIN, and poll(2) does not tell when there is room.
error_code connect_unix(int socket, const endpoint& address, clock::time_point deadline) {
    constexpr clock::duration longest = std::chrono::milliseconds{100};
    for (clock::duration pause = std::chrono::milliseconds{1};; pause = std::min(pause * 2, longest)) {
        const error_code failed = try_connect(socket, address);
        const auto left = deadline - clock::now();
        if (failed.value() != EAGAIN || left <= clock::duration::zero())
            return failed;
        std::this_thread::sleep_for(std::min(pause, left));
    }
}

error_code connect_at(const endpoint& address, clock::time_point deadline, unique_descriptor& out) {
    unique_descriptor socket{::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket)
        return last_system_error();
    const bool local = address.family() == AF_UNIX;
    const error_code failed =
        local ? connect_unix(socket.get(), address, deadline) : connect_tcp(socket.get(), address, deadline);
    if (!failed)
        out = std::move(socket);
    return failed;
}

std::string explain_unix(const url& where, const error_code& why, std::chrono::milliseconds timeout) {
    const std::string start = "; start one with: fairlead serve echo --listen " + where.to_string();
    switch (why.value()) {
    case ENOENT: return "no such file: nothing is listening on " + where.path + start;
    case ECONNREFUSED: return "connection refused: nothing is listening on " + where.path + start;
    case EAGAIN:
        return "no room within " + to_text(timeout) +
               ": as many wait for the server as its backlog holds; is it stuck?";
    case EACCES: return "permission denied: the permissions of " + where.path + " or its directory keep this user out";
    default: return why.message();
    }
}

std::string explain(const url& where, const error_code& why, std::chrono::milliseconds timeout) {
    if (where.via == transport::unix_stream)
        return explain_unix(where, why, timeout);
    const std::string at = where.to_string().substr(std::string_view{"tcp://"}.size());
    if (why.value() == ECONNREFUSED)
        return "connection refused: nothing is listening on " + at + "; start one with: fairlead serve echo --listen " +
               where.to_string();
    if (why.value() == ETIMEDOUT)
        return "no answer from " + at + " within " + to_text(timeout) +
               "; is the address right, or a firewall between?";
    return why.message();
}

} // namespace

connection connect_to(const url& where, std::chrono::milliseconds timeout) {
    const auto deadline = clock::now() + timeout;
    const auto addresses = resolve(where, resolve_for::connecting);
    if (!addresses)
        refuse(where, addresses.error().message());
    error_code failed;
    for (const endpoint& each : *addresses) {
        unique_descriptor socket;
        failed = connect_at(each, deadline, socket);
        if (!failed)
            return {std::move(socket), each};
    }
    refuse(where, explain(where, failed, timeout));
}

} // namespace fairlead::command
