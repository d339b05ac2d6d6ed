#pragma once

#include "tls/openssl.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <sys/types.h>

namespace fairlead::test {

/// OpenSSL itself over a blocking socket, as a client that verifies nothing. A connection that the server ends before the
/// handshake is over has an end and no bytes.
class blocking_tls {
public:
    explicit blocking_tls(int socket)
        : context_{not_null(SSL_CTX_new(TLS_client_method()))}, ssl_{not_null(SSL_new(context_.get()))} {
        ::signal(SIGPIPE, SIG_IGN); // OpenSSL calls write(2)
        SSL_set_fd(ssl_.get(), socket);
        ERR_clear_error();
        const int shaken = SSL_connect(ssl_.get());
        if (shaken != 1 && !is_cut(SSL_get_error(ssl_.get(), shaken)))
            throw std::runtime_error{"the handshake failed: " + openssl_reason()};
    }

    /// As send(2) and recv(2).
    ::ssize_t write(const void* bytes, std::size_t size) {
        ERR_clear_error();
        const int taken = SSL_write(ssl_.get(), bytes, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
        return taken > 0 ? taken : failed(taken);
    }
    ::ssize_t read(void* bytes, std::size_t size) {
        if (!SSL_is_init_finished(ssl_.get()))
            return 0;
        ERR_clear_error();
        const int got = SSL_read(ssl_.get(), bytes, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
        if (got <= 0 && SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN)
            return 0;
        return got > 0 ? got : failed(got);
    }

    void end_writing() { SSL_shutdown(ssl_.get()); } ///< what the server sends can still be read

private:
    static bool is_cut(int kind) {
        return kind == SSL_ERROR_SYSCALL || ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    }

    ::ssize_t failed(int returned) {
        const int kind = SSL_get_error(ssl_.get(), returned);
        if (kind != SSL_ERROR_SYSCALL) // else errno says it
            errno = kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
        return -1;
    }

    ssl_ctx_ptr context_;
    ssl_ptr ssl_;
};

} // namespace fairlead::test
