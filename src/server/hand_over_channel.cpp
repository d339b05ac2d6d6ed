#include "server/hand_over_channel.hpp"

#include "core/system_error.hpp"
#include "net/resolve.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

[[noreturn]] void refuse_system(const std::string& doing, int error = errno) {
    throw std::runtime_error{doing + ": " + system_code(error).message()};
}

constexpr std::size_t control_size = CMSG_SPACE(hand_over_message::max_sockets * sizeof(int));

std::vector<unique_descriptor> take_descriptors(::msghdr& header) {
    std::vector<unique_descriptor> found;
    for (::cmsghdr* each = CMSG_FIRSTHDR(&header); each; each = CMSG_NXTHDR(&header, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(each) + i * sizeof(int), sizeof(int));
            found.emplace_back(descriptor);
        }
    }
    return found;
}

} // namespace

bool is_notified(const event_descriptor& stop) noexcept {
    ::pollfd waiting{stop.get(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
}

bool wait_readable(int descriptor, const event_descriptor* stop, std::optional<std::chrono::milliseconds> limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit.value_or(std::chrono::milliseconds{0});
    for (;;) {
        std::array<::pollfd, 2> waiting{{{descriptor, POLLIN, 0}, {stop ? stop->get() : -1, POLLIN, 0}}};
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        const int ready = ::poll(waiting.data(), waiting.size(), limit ? std::max(0, static_cast<int>(left)) : -1);
        if (ready < 0 && errno != EINTR)
            refuse_system("waiting for the other process");
        if (ready > 0 && waiting[1].revents != 0)
            throw hand_over_stopped{};
        if (ready > 0)
            return true;
        if (ready == 0)
            return false;
    }
}

// The time limit applies to sendmsg(2), and to connect(2), which waits while the backlog is full.
hand_over_channel::hand_over_channel(unique_descriptor socket, const event_descriptor* stop) noexcept
    : socket_{std::move(socket)}, stop_{stop} {
    const ::timeval patience{10, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

std::optional<hand_over_channel> hand_over_channel::connect(const url& to, const event_descriptor* stop) {
    unique_descriptor socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    if (!socket)
        refuse_system("a socket for the hand-over");
    const auto address = resolve_literal(to);
    hand_over_channel made{std::move(socket), stop};
    if (::connect(made.socket_.get(), address->data(), static_cast<::socklen_t>(address->size())) == 0)
        return made;
    if (errno == ENOENT || errno == ECONNREFUSED)
        return std::nullopt;
    const int failed = errno;
    if (failed == EPROTOTYPE)
        throw std::runtime_error{"cannot take over at " + to.to_string() +
                                 ": a socket of another kind listens there; choose another path"};
    refuse_system("cannot take over at " + to.to_string(), failed);
}

void hand_over_channel::send(const hand_over_message& message, const std::vector<int>& sockets) {
    std::string text = message.encode();
    ::iovec part{text.data(), text.size()};
    alignas(::cmsghdr) std::array<char, control_size> control{};
    ::msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!sockets.empty()) {
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(sockets.size() * sizeof(int));
        ::cmsghdr* const rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sockets.size() * sizeof(int));
        std::memcpy(CMSG_DATA(rights), sockets.data(), sockets.size() * sizeof(int));
    }
    const auto sent = ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL);
    const int error = errno;
    ::explicit_bzero(text.data(), text.size());
    if (sent >= 0)
        return;
    if (error == EPIPE || error == ECONNRESET)
        throw hand_over_ended{};
    refuse_system("sending to the other process", error);
}

hand_over_channel::received hand_over_channel::receive(std::chrono::milliseconds limit) {
    if (!wait_readable(socket_.get(), stop_, limit))
        throw std::runtime_error{"the other process sent nothing for " + std::to_string(limit.count() / 1000) + " s"};
    std::array<char, hand_over_message::max_size> bytes;
    ::iovec part{bytes.data(), bytes.size()};
    alignas(::cmsghdr) std::array<char, control_size> control{};
    ::msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const auto got = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno == ECONNRESET))
        throw hand_over_ended{};
    if (got < 0)
        refuse_system("receiving from the other process");
    received found{.message = {}, .sockets = take_descriptors(header)};
    if ((header.msg_flags & MSG_CTRUNC) != 0)
        throw std::runtime_error{"there are too few descriptors for the sockets; raise the limit of the process "
                                 "(ulimit -n)"};
    if ((header.msg_flags & MSG_TRUNC) != 0)
        throw std::runtime_error{"a message of the hand-over is too long; is the other process a Fairlead?"};
    found.message = hand_over_message::decode({bytes.data(), static_cast<std::size_t>(got)});
    ::explicit_bzero(bytes.data(), bytes.size());
    if (found.message.sockets != found.sockets.size())
        throw std::runtime_error{"a message of the hand-over has " + std::to_string(found.sockets.size()) +
                                 " sockets, and says " + std::to_string(found.message.sockets)};
    if (found.message.type == hand_over_message::kind::refused)
        throw std::runtime_error{"the other process refuses: " + found.message.why};
    return found;
}

hand_over_channel::received hand_over_channel::expect(hand_over_message::kind kind, std::chrono::milliseconds limit) {
    received found = receive(limit);
    if (found.message.type != kind)
        throw std::runtime_error{"a message of the hand-over is out of place"};
    return found;
}

void hand_over_channel::refuse(const std::string& why) noexcept {
    try {
        send({.type = hand_over_message::kind::refused, .why = why.substr(0, 1000)});
    } catch (const std::exception&) { // the other process is gone
    }
}

::uid_t hand_over_channel::user() const {
    ::ucred found{};
    ::socklen_t size = sizeof found;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &found, &size) != 0)
        refuse_system("the user of the other process");
    return found.uid;
}

} // namespace fairlead
