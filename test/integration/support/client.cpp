#include "integration/support/client.hpp"

#include "integration/support/run_transport.hpp"

#ifdef FAIRLEAD_TLS_CLIENT
#include "integration/support/blocking_tls.hpp"
#endif

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace fairlead::test {

#ifndef FAIRLEAD_TLS_CLIENT
class blocking_tls {
public:
    explicit blocking_tls(int) { throw std::logic_error{"this program is built without FAIRLEAD_TLS_CLIENT"}; }
    ::ssize_t write(const void*, std::size_t) { return -1; }
    ::ssize_t read(void*, std::size_t) { return -1; }
    void end_writing() {}
};
#endif

namespace {

std::size_t check(::ssize_t returned, const char* what) {
    if (returned < 0)
        throw std::system_error{errno, std::generic_category(), what};
    return static_cast<std::size_t>(returned);
}

} // namespace

client::client(const endpoint& server) : descriptor_{::socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    check(descriptor_, "socket");
    const int on = 1;
    if (server.family() != AF_UNIX)
        check(::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
    constexpr ::timeval patience{30, 0};
    check(::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), "SO_RCVTIMEO");
    check(::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), "SO_SNDTIMEO");
    check(::connect(descriptor_, server.data(), static_cast<::socklen_t>(server.size())), "connect");
    if (server.tls() && runs_over_tls())
        tls_ = std::make_unique<blocking_tls>(descriptor_);
}

client::client(client&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, tls_{std::move(other.tls_)} {}

client::~client() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

void client::write(bytes_view bytes) {
    while (!bytes.empty()) {
        const auto taken = tls_ ? tls_->write(bytes.data(), bytes.size())
                                : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        bytes = bytes.from(check(taken, "send"));
    }
}

void client::write_byte_by_byte(bytes_view bytes) {
    for (const unsigned char& each : bytes)
        write({&each, 1});
}

void client::write_with_descriptor(bytes_view bytes, int attached) {
    ::iovec content{const_cast<unsigned char*>(bytes.data()), bytes.size()};
    alignas(::cmsghdr) unsigned char room[CMSG_SPACE(sizeof attached)] = {};
    ::msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    ::cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof attached);
    std::memcpy(CMSG_DATA(header), &attached, sizeof attached);
    if (check(::sendmsg(descriptor_, &message, MSG_NOSIGNAL), "sendmsg") != bytes.size())
        throw std::logic_error{"sendmsg took only a part"};
}

void client::end_writing() {
    if (tls_)
        return tls_->end_writing();
    check(::shutdown(descriptor_, SHUT_WR), "shutdown");
}

std::string client::read(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
        const auto come =
            tls_ ? tls_->read(bytes.data() + got, size - got) : ::recv(descriptor_, bytes.data() + got, size - got, 0);
        const std::size_t more = check(come, "recv");
        if (more == 0)
            break;
        got += more;
    }
    bytes.resize(got);
    return bytes;
}

std::string client::read_to_end() {
    std::string bytes;
    for (std::string more = read(1); !more.empty(); more = read(64 * 1024))
        bytes += more;
    return bytes;
}

std::string frame(bytes_view message) {
    std::string framed;
    for (int shift = 24; shift >= 0; shift -= 8)
        framed += static_cast<char>(message.size() >> shift & 0xFF);
    return framed += message.text();
}

std::string ask(const endpoint& server, bytes_view bytes) {
    client peer{server};
    peer.write(bytes);
    peer.end_writing();
    return peer.read_to_end();
}

} // namespace fairlead::test
