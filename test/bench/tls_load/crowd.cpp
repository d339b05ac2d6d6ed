#include "tls_load/crowd.hpp"

#include <algorithm>
#include <poll.h>
#include <string>
#include <sys/socket.h>

namespace fairlead::bench {

namespace {

constexpr std::size_t at_once = 32; // more would overflow a short backlog, and make the peak of memory larger

void wait_for_input(const far_peer& peer) {
    ::pollfd wanted{.fd = peer.socket(), .events = POLLIN, .revents = 0};
    require(::poll(&wanted, 1, 20'000) == 1, "the server does not answer");
}

void exchange(far_peer& peer) {
    std::string message(4 + 64, 'x');
    message.replace(0, 4, {0, 0, 0, 64});
    while (!peer.shake_hands())
        wait_for_input(peer);
    require(peer.write(message) == message.size(), "a message was not taken");
    char reply[256];
    for (std::size_t got = 0; got < message.size();) {
        if (const std::size_t size = peer.read(reply, sizeof reply))
            got += size;
        else
            wait_for_input(peer);
    }
}

std::string make_hello(SSL_CTX* context) {
    const ssl_ptr ssl{not_null(SSL_new(context))};
    BIO* const written = not_null(BIO_new(BIO_s_mem()));
    SSL_set_bio(ssl.get(), not_null(BIO_new(BIO_s_mem())), written);
    SSL_set_connect_state(ssl.get());
    SSL_do_handshake(ssl.get());
    std::string hello(BIO_ctrl_pending(written), '\0');
    BIO_read(written, hello.data(), static_cast<int>(hello.size()));
    return hello;
}

} // namespace

std::vector<std::unique_ptr<far_peer>> make_crowd(const target& where, crowd_kind kind, std::size_t count) {
    const std::string hello = kind == crowd_kind::hello ? make_hello(where.context) : "";
    const std::string_view half = std::string_view{hello}.substr(0, hello.size() / 2);
    std::vector<std::unique_ptr<far_peer>> crowd;
    while (crowd.size() < count) {
        const std::size_t first = crowd.size(), end = std::min(count, first + at_once);
        while (crowd.size() < end) {
            far_peer& made = *crowd.emplace_back(std::make_unique<far_peer>(where));
            if (kind == crowd_kind::session)
                made.shake_hands();
            if (!half.empty())
                require(::send(made.socket(), half.data(), half.size(), 0) == static_cast<::ssize_t>(half.size()),
                        "a part of a hello was not taken");
        }
        for (std::size_t i = first; kind == crowd_kind::session && i < end; ++i)
            exchange(*crowd[i]);
    }
    return crowd;
}

} // namespace fairlead::bench
