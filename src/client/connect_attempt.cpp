#include "client/connect_attempt.hpp"

#include "core/system_error.hpp"
#include "net/resolve.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

// Makes the close reset the connection. A normal close would keep the port in TIME_WAIT for a
// minute, and a server that restarts there needs the port.
error_code refuse_itself(int socket) noexcept {
    const ::linger none{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    return system_code(ECONNREFUSED);
}

// Reading SO_ERROR clears it. A socket without an error is still not connected if it has no peer.
error_code outcome_of(int socket) noexcept {
    int failed = 0;
    ::socklen_t size = sizeof failed;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failed, &size) != 0)
        return last_system_error();
    if (failed != 0)
        return system_code(failed);

    ::sockaddr_storage address{};
    size = sizeof address;
    if (::getpeername(socket, reinterpret_cast<::sockaddr*>(&address), &size) != 0)
        return last_system_error();
    if (address.ss_family == AF_UNIX)
        return {};
    return is_connected_to_itself(socket) ? refuse_itself(socket) : error_code{};
}

} // namespace

error_code connect_attempt::begin(const endpoint& address, const socket_options& options) {
    socket_ = unique_descriptor{::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket_)
        return last_system_error();
    if (const auto set = set_options(socket_.get(), options); !set)
        return set.error();
    if (::connect(socket_.get(), address.data(), static_cast<::socklen_t>(address.size())) == 0)
        return outcome_of(socket_.get());
    if (errno != EINPROGRESS)
        return last_system_error();
    if (const error_code failed = shard_.watch(socket_.get(), *this))
        return failed;
    watched_ = true;
    return errc::would_block;
}

unique_descriptor connect_attempt::release() noexcept {
    unwatch();
    return std::move(socket_);
}

void connect_attempt::on_writable() {
    unwatch();
    const told tell = std::move(told_);
    tell(outcome_of(socket_.get()));
}

void connect_attempt::unwatch() noexcept {
    if (std::exchange(watched_, false))
        shard_.unwatch(socket_.get(), *this);
}

} // namespace fairlead
