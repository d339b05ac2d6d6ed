// The beginning of a TLS stream.

#include "runtime/shard_core.hpp"
#include "tls/record.hpp"
#include "tls/tls_stream.hpp"

#include <fairlead/framing/framing.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace fairlead {

namespace {

constexpr std::size_t handshake_read = 32 * 1024;

// Measured on OpenSSL 3.0; test/unit/tls/memory_test.cpp compares them with malloc.
constexpr std::size_t held_in_handshake = 44 * 1024;
constexpr std::size_t held_when_open = 14 * 1024;
constexpr std::size_t held_for_certificate = 5 * 1024; // of a client

// The alert decode_error, fatal, in a record of its own (RFC 8446, sections 5.1 and 6).
constexpr unsigned char unreadable_hello[] = {tls_record::alert, 3, 3, 0, 2, 2, 50};

} // namespace

std::unique_ptr<tls_stream> tls_stream::accept(shard_core& shard, std::unique_ptr<stream> inner,
                                               std::shared_ptr<const tls_server_context> context) {
    std::unique_ptr<tls_stream> made{new tls_stream{shard, std::move(inner)}};
    made->server_ = std::move(context);
    return made;
}

std::unique_ptr<tls_stream> tls_stream::connect(shard_core& shard, std::unique_ptr<stream> inner,
                                                std::shared_ptr<const tls_client_context> context,
                                                const std::string& host, const std::string& server) {
    std::unique_ptr<tls_stream> made{new tls_stream{shard, std::move(inner)}};
    made->client_ = std::move(context);
    made->session_key_ = host + '\n' + server;
    made->attach(made->client_->make_ssl(host, made->session_key_));
    SSL_set_connect_state(made->ssl_.get());
    return made;
}

void tls_stream::attach(ssl_ptr ssl) {
    connect_bio(ssl.get(), wire_);
    ssl_owner::set(ssl.get(), this);
    ssl_ = std::move(ssl);
    held_.set(held_in_handshake);
    phase_ = phase::handshake;
}

result<void> tls_stream::receive_hello(std::size_t most) {
    if (output_ == output::closed)
        return errc::closed;
    if (phase_ == phase::failed)
        return input_end_;
    const error_code missing = phase_ == phase::hello ? collect_hello(most) : error_code{};
    wire_.received.park();
    if (missing)
        return missing;
    return {};
}

result<void> tls_stream::handshake() {
    if (output_ == output::closed)
        return errc::closed;
    if (phase_ == phase::open)
        return {};
    if (phase_ == phase::failed)
        return input_end_;
    const empty_error_queue errors;
    error_code outcome = phase_ == phase::hello ? collect_hello(stream::plenty) : error_code{};
    if (phase_ == phase::greeted)
        answer_hello();
    if (!outcome)
        outcome = shake_hands();
    wire_.received.park();
    if (!outcome && phase_ != phase::open)
        outcome = fail(tls_errc::failed);
    if (outcome)
        return outcome;
    return {};
}

error_code tls_stream::collect_hello(std::size_t most) {
    for (;;) {
        const bytes_view received = wire_.received.data();
        const auto progress = hello_.examine(received);
        if (!progress) {
            const std::string first_bytes = explain_input(received);
            if (progress.error() != tls_errc::not_tls)
                wire_.unsent.append({unreadable_hello, sizeof unreadable_hello});
            return fail(progress.error(), first_bytes);
        }
        if (*progress == client_hello::progress::whole)
            break;
        if (received.size() >= most)
            return errc::would_block;
        if (const error_code missing = fill_wire(std::min(most - received.size(), handshake_read)))
            return missing;
    }
    phase_ = phase::greeted;
    return {};
}

void tls_stream::answer_hello() {
    attach(ssl_ptr{not_null(SSL_new(server_->choose(server_name_in(wire_.received.data()))))});
    SSL_set_accept_state(ssl_.get());
}

error_code tls_stream::shake_hands() {
    for (;;) {
        const int outcome = SSL_do_handshake(ssl_.get());
        const int needed = outcome == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), outcome);
        if (needed == SSL_ERROR_ZERO_RETURN)
            return fail(tls_errc::ended_in_handshake);
        if (needed != SSL_ERROR_NONE && needed != SSL_ERROR_WANT_READ)
            return fail_by_openssl();
        if (needed == SSL_ERROR_NONE) {
            phase_ = phase::open;
            const bool knows_client = server_ && SSL_get0_peer_certificate(ssl_.get()) != nullptr;
            held_.set(held_when_open + (knows_client ? held_for_certificate : 0));
        }
        flush();
        if (output_ == output::closed)
            return errc::closed;
        if (phase_ != phase::handshake)
            return phase_ == phase::failed ? input_end_ : error_code{};
        if (const error_code missing = wire_.shown == 0 ? fetch_record(handshake_read) : error_code{})
            return missing;
    }
}

void tls_stream::release() noexcept {
    const empty_error_queue errors;
    phase_ = phase::failed;
    ssl_.reset();
    held_.set(0);
    wire_.received.release();
    wire_.shown = 0;
}

// A peer whose first bytes are no record speaks another protocol. Any other peer gets the alert that OpenSSL
// has for the record.
error_code tls_stream::refuse_record() {
    const bool is_first = phase_ == phase::handshake && SSL_get_state(ssl_.get()) == TLS_ST_CW_CLNT_HELLO;
    const std::string first_bytes = explain_input(wire_.received.data());
    if (!is_first) {
        unsigned char nothing[1];
        std::size_t size = 0;
        wire_.shown = wire_.received.size();
        SSL_read_ex(ssl_.get(), nothing, sizeof nothing, &size);
    }
    return fail(is_first ? tls_errc::not_tls : tls_errc::malformed, first_bytes);
}

// Continues the handshake for a writer that waits for it, when bytes arrive.
void tls_stream::read_more() {
    try {
        const auto done = handshake();
        if (!done && done.error() == errc::would_block)
            return handshaker_.wait_for(readable());
    } catch (const std::bad_alloc&) {
        fail(make_error_code(boost::system::errc::not_enough_memory));
    }
    writable().notify();
}

void tls_stream::session_given(ssl_session_ptr session) noexcept try {
    client_->sessions().put(session_key_, session.get());
} catch (...) {
    // The next handshake is a full one.
}

} // namespace fairlead
