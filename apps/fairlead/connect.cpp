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

error_code connect_at(const endpoint& address, clock::time_point deadline, unique_descriptor& out) {
    unique_descriptor socket{::socket(address.data()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const int on = 1;
    if (!socket || ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        return last_system_error();
    if (::connect(socket.get(), address.data(), static_cast<::socklen_t>(address.size())) != 0) {
        if (errno != EINPROGRESS)
            return last_system_error();
        if (const error_code failed = await_connected(socket.get(), deadline))
            return failed;
    }
    out = std::move(socket);
    return {};
}

std::string explain(const url& where, const error_code& why, std::chrono::milliseconds timeout) {
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
