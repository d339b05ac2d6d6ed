#include "tls_load/far_peer.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace fairlead::bench {

namespace {

constexpr std::size_t read_ahead = 128 * 1024;

bool waits(::ssize_t outcome) noexcept {
    return outcome < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

} // namespace

target target::parse(const std::string& host, const std::string& port, SSL_CTX* context) {
    target made;
    made.context = context;
    made.address.sin_family = AF_INET;
    made.address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(port)));
    require(::inet_pton(AF_INET, host.c_str(), &made.address.sin_addr) == 1, "HOST is an IPv4 address");
    return made;
}

ssl_ctx_ptr make_client_context() {
    ssl_ctx_ptr context{not_null(SSL_CTX_new(TLS_client_method()))};
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_default_read_buffer_len(context.get(), read_ahead);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    return context;
}

far_peer::far_peer(const target& where, SSL_SESSION* resumed)
    : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const int on = 1;
    require(socket_ >= 0, "there is no socket");
    require(::connect(socket_, reinterpret_cast<const ::sockaddr*>(&where.address), sizeof where.address) == 0,
            "the server cannot be connected to");
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    require(::fcntl(socket_, F_SETFL, O_NONBLOCK) == 0, "the socket blocks");
    if (!where.context)
        return;
    ssl_.reset(not_null(SSL_new(where.context)));
    require(SSL_set_fd(ssl_.get(), socket_) == 1, "OpenSSL has no memory");
    if (resumed)
        require(SSL_set_session(ssl_.get(), resumed) == 1, "the session cannot be used");
    SSL_set_connect_state(ssl_.get());
}

far_peer::~far_peer() {
    ssl_.reset();
    if (socket_ >= 0)
        ::close(socket_);
}

bool far_peer::shake_hands() {
    if (!ssl_)
        return true;
    const empty_error_queue errors;
    const int outcome = SSL_do_handshake(ssl_.get());
    if (outcome != 1)
        require_wait(outcome);
    return outcome == 1;
}

std::size_t far_peer::read(char* to, std::size_t room) {
    if (!ssl_) {
        const ::ssize_t got = ::recv(socket_, to, room, 0);
        require(got > 0 || waits(got), "the server has ended a connection");
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    const empty_error_queue errors;
    std::size_t got = 0;
    if (const int outcome = SSL_read_ex(ssl_.get(), to, room, &got); outcome != 1)
        require_wait(outcome);
    return got;
}

std::size_t far_peer::write(std::string_view bytes) {
    if (!ssl_) {
        const ::ssize_t put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        require(put > 0 || waits(put), "the server takes no more");
        return put > 0 ? static_cast<std::size_t>(put) : 0;
    }
    const empty_error_queue errors;
    std::size_t put = 0;
    if (const int outcome = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &put); outcome != 1)
        require_wait(outcome);
    return put;
}

void far_peer::say_farewell() noexcept {
    const empty_error_queue errors;
    if (ssl_)
        SSL_shutdown(ssl_.get());
}

void far_peer::require_wait(int outcome) const {
    const int why = SSL_get_error(ssl_.get(), outcome);
    require(why != SSL_ERROR_ZERO_RETURN, "the server has ended a connection");
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        throw std::runtime_error{"TLS failed: " + openssl_reason()};
}

} // namespace fairlead::bench
