#pragma once

#include "require.hpp"
#include "tls/openssl.hpp"

#include <cstddef>
#include <netinet/in.h>
#include <string>
#include <string_view>

namespace fairlead::bench {

/// Where a server listens, and the way to it.
struct target {
    ::sockaddr_in address{};
    SSL_CTX* context = nullptr; // null: plain TCP

    static target parse(const std::string& host, const std::string& port, SSL_CTX* context);
};

/// A client of TLS 1.3 that accepts every certificate and reads as much at a time as there is.
ssl_ctx_ptr make_client_context();

/// A non-blocking connection to a server, over TLS or not. Errors: throws std::runtime_error; also when the server ends it.
class far_peer {
public:
    explicit far_peer(const target& where, SSL_SESSION* resumed = nullptr);
    far_peer(const far_peer&) = delete;
    far_peer& operator=(const far_peer&) = delete;
    ~far_peer();

    int socket() const noexcept { return socket_; }

    /// Returns true once the handshake is done; over plain TCP at once.
    bool shake_hands();

    /// Returns the bytes read; 0 if there are none now.
    std::size_t read(char* to, std::size_t room);

    /// Returns the bytes taken; 0 if the socket has no room. What is offered next begins with the rest.
    std::size_t write(std::string_view bytes);

    /// The session with which another connection resumes this one, and whether this one has resumed one.
    ssl_session_ptr session() const { return ssl_session_ptr{SSL_get1_session(ssl_.get())}; }
    bool resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }

    /// Says farewell, without waiting for that of the server.
    void say_farewell() noexcept;

private:
    void require_wait(int outcome) const;

    int socket_ = -1;
    ssl_ptr ssl_;
};

} // namespace fairlead::bench
