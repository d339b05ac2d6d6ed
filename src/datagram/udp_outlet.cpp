#include "datagram/udp_outlet.hpp"

#include "core/system_error.hpp"
#include "datagram/datagram_target.hpp"
#include "datagram/udp_endpoint.hpp"
#include "log/log.hpp"

#include <cerrno>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

// Returns nullopt if the socket cannot send to `to`. An IPv6 socket takes IPv4 addresses as ::ffff:a.b.c.d.
std::optional<datagram_path> path_to(const endpoint& to, int family_of_socket) noexcept {
    datagram_path path;
    if (to.family() == family_of_socket) {
        path.remote_size = static_cast<::socklen_t>(to.size());
        std::memcpy(&path.remote, to.data(), to.size());
        return path;
    }
    if (to.family() != AF_INET || family_of_socket != AF_INET6)
        return {};
    const auto& four = *reinterpret_cast<const ::sockaddr_in*>(to.data());
    path.remote.sin6_family = AF_INET6;
    path.remote.sin6_port = four.sin_port;
    path.remote.sin6_addr.s6_addr[10] = path.remote.sin6_addr.s6_addr[11] = 0xFF;
    std::memcpy(path.remote.sin6_addr.s6_addr + 12, &four.sin_addr, sizeof four.sin_addr);
    path.remote_size = sizeof path.remote;
    return path;
}

} // namespace

// --- one socket

void udp_outlet::open(udp_endpoint& socket) noexcept {
    socket_ = &socket;
    open_ = true;
}

void udp_outlet::close() noexcept {
    socket_ = nullptr;
    open_ = false;
}

result<void> udp_outlet::send(const datagram_path& to, bytes_view message,
                              std::shared_ptr<amplification_budget> budget) {
    if (!is_open())
        return errc::closed;
    if (inlet_.is_in_turn())
        return send_now(to, message, budget.get());
    const auto self = shared_from_this();
    const std::shared_ptr<inlet> through{self, &inlet_};
    return inlet::post(through, message, [self, to, budget = std::move(budget)](bytes_view arrived) {
        if (const auto sent = self->send_now(to, arrived, budget.get()); !sent)
            log_warning(log_topic::message_dropped,
                        self->local_.to_string() + ": a datagram to " + to.peer().to_string() +
                            ", sent through a handle, was dropped: " + sent.error().message(),
                        {.peer = to.peer().to_string()});
    });
}

result<void> udp_outlet::send_now(const datagram_path& to, bytes_view message, amplification_budget* budget) {
    if (!socket_)
        return errc::closed;
    const auto sent = socket_->try_send(to, message, budget);
    if (sent)
        socket_->count_message(message.size());
    return sent;
}

// --- all sockets of an address

const std::shared_ptr<udp_outlet>& udp_outlets::add(std::shared_ptr<mailbox> box, std::size_t most) {
    return sockets_.emplace_back(std::make_shared<udp_outlet>(std::move(box), most, local_));
}

const std::shared_ptr<udp_outlet>& udp_outlets::choose_for(const endpoint& to) const noexcept {
    return sockets_[to.hash() % sockets_.size()];
}

peer_handle udp_outlets::known_peer(const endpoint& to) const {
    const auto path = path_to(to, local_.family());
    return path ? std::make_shared<datagram_target>(choose_for(to), *path, std::nullopt)->handle() : peer_handle{};
}

result<void> udp_outlets::send(const endpoint& to, bytes_view message) const {
    const auto path = path_to(to, local_.family());
    if (!path)
        return system_code(EAFNOSUPPORT);
    return choose_for(to)->send(*path, message, std::make_shared<amplification_budget>(ratio_));
}

// --- the interface of programs

peer_handle udp_sender::known_peer(const endpoint& to) const {
    return through_ ? through_->known_peer(to) : peer_handle{};
}

result<void> udp_sender::send(const endpoint& to, bytes_view message) const {
    return through_ ? through_->send(to, message) : errc::closed;
}

endpoint udp_sender::local() const {
    return through_ ? through_->local() : endpoint{};
}

} // namespace fairlead
