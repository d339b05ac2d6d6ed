// What TLS adds to a session, without a kernel: 64 messages arrive together, each is answered, the replies leave. The time is
// the processor's in the session; the peer, which is OpenSSL, encrypts before and decrypts behind it.

#include "inproc.hpp"
#include "runtime/shard_core.hpp"
#include "support/test_stream.hpp"
#include "support/tls_certificates.hpp"
#include "throughput.hpp"
#include "tls/tls_stream.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <benchmark/benchmark.h>
#include <ctime>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace fairlead::bench {

namespace {

/// A wire in memory: bytes for the session, and those that it has written.
class wire_stream final : public test::test_stream {
public:
    void send(shard& home, std::string bytes) {
        incoming_ = std::move(bytes);
        given_ = 0;
        readable_.notify_later(home.get_executor());
    }
    std::string take() { return std::exchange(outgoing_, {}); }

    result<std::size_t> try_fill(byte_buffer& input, std::size_t most) override {
        const bytes_view rest = bytes_view{incoming_}.from(given_).first(most);
        if (rest.empty())
            return errc::would_block;
        input.append(rest);
        given_ += rest.size();
        return rest.size();
    }
    result<std::size_t> try_write(bytes_view bytes) override {
        outgoing_ += bytes.text();
        return bytes.size();
    }

private:
    std::string incoming_;
    std::size_t given_ = 0;
    std::string outgoing_;
};

/// The other end of TLS, on memory of OpenSSL.
class tls_far_end {
public:
    explicit tls_far_end(SSL_SESSION* resumed = nullptr)
        : context_{SSL_CTX_new(TLS_client_method())}, ssl_{SSL_new(context_.get())} {
        if (resumed)
            SSL_set_session(ssl_.get(), resumed);
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_.get());
    }
    std::string shake_hands(const std::string& received) {
        take(received);
        SSL_do_handshake(ssl_.get());
        return written();
    }
    std::string encrypt(const std::string& plain) {
        SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
        return written();
    }
    std::size_t decrypt(const std::string& received) {
        take(received);
        std::size_t size = 0;
        char piece[16 * 1024];
        for (int got = 0; (got = SSL_read(ssl_.get(), piece, sizeof piece)) > 0;)
            size += static_cast<std::size_t>(got);
        return size;
    }

    ssl_session_ptr session() const {
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); // else it may not be resumed
        return ssl_session_ptr{SSL_get1_session(ssl_.get())};
    }

private:
    void take(const std::string& received) {
        BIO_write(SSL_get_rbio(ssl_.get()), received.data(), static_cast<int>(received.size()));
    }
    std::string written() {
        BIO* const out = SSL_get_wbio(ssl_.get());
        std::string bytes(BIO_ctrl_pending(out), '\0');
        BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
        return bytes;
    }

    ssl_ctx_ptr context_;
    ssl_ptr ssl_;
};

boost::asio::awaitable<void> serve_wire(std::shared_ptr<session> peer, handler what) {
    co_await what.serve(*peer);
}

/// A session with an echo over the wire, inside TLS or not.
class echo_on_wire {
public:
    explicit echo_on_wire(bool inside_tls) {
        auto owned = std::make_unique<wire_stream>();
        wire = owned.get();
        std::unique_ptr<stream> transport = std::move(owned);
        if (inside_tls) {
            const test::test_certificate certificate{{}};
            transport = tls_stream::accept(core_of(home), std::move(transport),
                                           tls_server_context::load({.certificates = {certificate.files()}}));
        }
        auto peer = session::create(home, std::move(transport), framing{length_prefixed{}});
        boost::asio::co_spawn(home.get_executor(), serve_wire(std::move(peer), handler{echo()}),
                              [](std::exception_ptr) {});
        home.poll();
        for (int i = 0; inside_tls && i < 3; ++i) {
            wire->send(home, far.shake_hands(wire->take()));
            home.poll();
        }
        far.decrypt(inside_tls ? wire->take() : "");
    }

    shard home;
    wire_stream* wire = nullptr; // of the session
    tls_far_end far;
};

// Of this thread, in seconds: other programs do not count.
double processor_time() noexcept {
    ::timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void serve_on_wire(benchmark::State& state, bool inside_tls) {
    const auto messages = static_cast<std::size_t>(state.range(0)), size = static_cast<std::size_t>(state.range(1));
    const std::string burst = make_burst(messages, size);
    echo_on_wire server{inside_tls};
    for (auto _ : state) {
        server.wire->send(server.home, inside_tls ? server.far.encrypt(burst) : burst);
        const double begin = processor_time();
        server.home.poll();
        state.SetIterationTime(processor_time() - begin);
        const std::string replies = server.wire->take();
        if ((inside_tls ? server.far.decrypt(replies) : replies.size()) != burst.size())
            return state.SkipWithError("replies are missing");
    }
    report_messages(state, messages, size);
}

// The server's part of a handshake.
void shake_hands(benchmark::State& state, bool resumed) {
    shard home;
    const test::test_certificate certificate{{}};
    const auto context = tls_server_context::load({.certificates = {certificate.files()}});
    ssl_session_ptr session;
    for (auto _ : state) {
        auto owned = std::make_unique<wire_stream>();
        wire_stream& wire = *owned;
        tls_far_end far{session.get()};
        double spent = 0;
        std::unique_ptr<tls_stream> tls;
        for (int flight = 0; flight < 2; ++flight) {
            wire.send(home, far.shake_hands(wire.take()));
            const double begin = processor_time();
            if (!tls)
                tls = tls_stream::accept(core_of(home), std::move(owned), context);
            const auto done = tls->handshake();
            spent += processor_time() - begin;
            if (done.has_value() != (flight == 1))
                return state.SkipWithError("the handshake is not as long as it was");
        }
        if (tls->info().resumed != (session != nullptr))
            return state.SkipWithError("the session was not resumed");
        state.SetIterationTime(spent);
        far.decrypt(wire.take());
        if (resumed)
            session = far.session();
    }
}

void tls_full_handshake(benchmark::State& state) {
    shake_hands(state, false);
}

void tls_resumed_handshake(benchmark::State& state) {
    shake_hands(state, true);
}

void session_over_wire(benchmark::State& state) {
    serve_on_wire(state, false);
}

void session_over_tls(benchmark::State& state) {
    serve_on_wire(state, true);
}

} // namespace

BENCHMARK(tls_full_handshake)->UseManualTime();
BENCHMARK(tls_resumed_handshake)->UseManualTime();
BENCHMARK(session_over_wire)
    ->Args({1, 64})
    ->Args({16, 64})
    ->Args({64, 64})
    ->Args({16, 1024})
    ->Args({4, 65536})
    ->UseManualTime();
BENCHMARK(session_over_tls)
    ->Args({1, 64})
    ->Args({16, 64})
    ->Args({64, 64})
    ->Args({16, 1024})
    ->Args({4, 65536})
    ->UseManualTime();

} // namespace fairlead::bench
