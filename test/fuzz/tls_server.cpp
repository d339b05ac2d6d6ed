// The server's side of TLS over a stream in memory. Its client is OpenSSL, with which the fuzzer may end the handshake and do what
// our own clients never do; bytes of the fuzzer come in between, and bytes of the client are changed or lost.

#include "fuzz/fuzz_input.hpp"
#include "runtime/shard_core.hpp"
#include "support/tls_certificates.hpp"
#include "tls/tls_stream.hpp"

#include <fairlead/testkit/memory_stream.hpp>

#include <memory>
#include <string>
#include <utility>

using namespace fairlead;
using namespace fairlead::test;

namespace {

std::shared_ptr<const tls_server_context> make_server_context() {
    const test_certificate certificate{{.names = {"DNS:echo.example"}}};
    tls_server_options options{.certificates = {certificate.files()}};
    options.clients = client_certificate::optional;
    options.client_ca_file = certificate.chain_file();
    options.alpn = {"echo"};
    return tls_server_context::load(options);
}

class raw_client {
public:
    explicit raw_client(unsigned char choice) {
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        BIO_set_mem_eof_return(SSL_get_rbio(ssl_.get()), -1);
        SSL_set_connect_state(ssl_.get());
        SSL_set_max_proto_version(ssl_.get(), choice % 4 == 0 ? TLS1_2_VERSION : TLS1_3_VERSION);
        const std::string offered{choice % 8 < 4 ? "\4echo" : "\3any\4echo"};
        SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
    }

    SSL* ssl() noexcept { return ssl_.get(); }

    void take(const std::string& bytes) {
        BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
        SSL_do_handshake(ssl_.get());
        char piece[1024];
        while (SSL_read(ssl_.get(), piece, sizeof piece) > 0) {}
    }

    void write(const std::string& text) { SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())); }

    std::string sent(std::size_t most) {
        std::string bytes(most, '\0');
        const int got = BIO_read(SSL_get_wbio(ssl_.get()), bytes.data(), static_cast<int>(most));
        bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return bytes;
    }

private:
    const ssl_ctx_ptr context_{SSL_CTX_new(TLS_client_method())};
    const ssl_ptr ssl_{SSL_new(context_.get())};
};

class connection {
public:
    explicit connection(fuzz_input& choices) : choices_{choices}, client_{choices.byte()} {}

    void step() {
        switch (choices_.byte() % 16) {
        case 0: wire_.far.send(choices_.bytes(choices_.byte())); break;
        case 1: client_.write(std::string(choices_.below(20'000), 'x')); break;
        case 2: SSL_key_update(client_.ssl(), SSL_KEY_UPDATE_REQUESTED); break;
        case 3: SSL_key_update(client_.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED); break;
        case 4: SSL_shutdown(client_.ssl()); break;
        case 5: SSL_renegotiate(client_.ssl()); break;
        case 6: wire_.far.read_at_most(choices_.below(2'000)); break;
        case 7: wire_.far.read_everything(); break;
        case 8: wire_.far.end(); break;
        case 9: (void)tls_->try_write_both("hello ", std::string(choices_.below(40'000), 'y')); break;
        case 10: tls_->shutdown(); break;
        case 11: carry(choices_.below(2'000), choices_.byte()); break;
        case 12: (void)tls_->receive_hello(stream::plenty); break;
        case 13: read(1 + choices_.below(100)); break;
        default: carry(100'000, 0); break;
        }
        read(stream::plenty);
        home_.poll();
        expect(ERR_peek_error() == 0, "an error of OpenSSL was left in the queue");
    }

private:
    // The first bytes that wait go from the client to the server, the last of them changed; the answers come back.
    void carry(std::size_t most, unsigned char change) {
        client_.take(wire_.far.take());
        std::string piece = client_.sent(most);
        if (!piece.empty())
            piece.back() = static_cast<char>(static_cast<unsigned char>(piece.back()) ^ change);
        ERR_clear_error(); // of the client
        wire_.far.send(piece);
    }

    void read(std::size_t most) {
        ERR_clear_error(); // of the client
        byte_buffer input;
        for (int i = 0; i < 4; ++i) {
            const auto got = tls_->try_fill(input, most);
            if (!got)
                break;
            expect(*got != 0 && *got <= most, "a read of another size than was asked for");
        }
        expect(ERR_peek_error() == 0, "a read left an error of OpenSSL");
        expect(tls_->held() <= 64 * 1024, "more is held than a handshake takes");
    }

    static const std::shared_ptr<const tls_server_context>& context() {
        static const auto made = make_server_context();
        return made;
    }

    fuzz_input& choices_;
    raw_client client_;
    shard home_;
    testkit::memory_connection wire_ = testkit::make_memory_stream(home_);
    std::unique_ptr<tls_stream> tls_ = tls_stream::accept(core_of(home_), std::move(wire_.near), context());
};

} // namespace

// Whatever the peer does, nothing worse comes of it than the end of its stream.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_input choices{bytes_view{data, size}};
    connection tried{choices};
    for (int steps = 0; steps < 100 && !choices.empty(); ++steps)
        tried.step();
    return 0;
}
