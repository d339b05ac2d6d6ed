#pragma once

#include "tls/openssl.hpp"

#include <fairlead/testkit/memory_stream.hpp>

#include <cstddef>
#include <string>

namespace fairlead::test {

/// OpenSSL itself at the far end of a stream in memory: for all that our own side never does.
class raw_tls_peer {
public:
    enum class side { client, server };

    raw_tls_peer(testkit::memory_peer wire, ssl_ctx_ptr context, side which)
        : wire_{std::move(wire)}, context_{std::move(context)}, ssl_{SSL_new(context_.get())} {
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        BIO_set_mem_eof_return(SSL_get_rbio(ssl_.get()), -1);
        which == side::client ? SSL_set_connect_state(ssl_.get()) : SSL_set_accept_state(ssl_.get());
    }

    SSL* ssl() noexcept { return ssl_.get(); }
    bool is_open() const noexcept { return SSL_is_init_finished(ssl_.get()) == 1; }

    /// Takes what has come, does what can be done of the handshake, reads, and sends the answers.
    void step() {
        const std::string all = wire_.received();
        BIO_write(SSL_get_rbio(ssl_.get()), all.data() + taken_, static_cast<int>(all.size() - taken_));
        taken_ = all.size();
        ERR_clear_error();
        SSL_do_handshake(ssl_.get());
        if (is_open())
            read();
        send();
    }

    void write(const std::string& text) {
        SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
        send();
    }

    /// Sends what OpenSSL has written.
    void send() {
        ERR_clear_error();
        char* bytes = nullptr;
        BIO* const written = SSL_get_wbio(ssl_.get());
        const long size = BIO_get_mem_data(written, &bytes);
        if (size > 0)
            wire_.send(bytes_view{bytes, static_cast<std::size_t>(size)});
        BIO_reset(written);
    }

    std::string received; ///< what it has read

private:
    void read() {
        char piece[4096];
        for (int got = 0; (got = SSL_read(ssl_.get(), piece, sizeof piece)) > 0;)
            received.append(piece, static_cast<std::size_t>(got));
    }

    testkit::memory_peer wire_;
    ssl_ctx_ptr context_;
    ssl_ptr ssl_;
    std::size_t taken_ = 0;
};

} // namespace fairlead::test
