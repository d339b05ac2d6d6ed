// What OpenSSL holds for a connection, of which tls_stream tells the budget of the buffers. Apart, for this program counts the memory of OpenSSL.

#include "support/effort.hpp"
#include "support/raw_tls_peer.hpp"
#include "support/tls_fixture.hpp"
#include "support/tls_hello.hpp"
#include "tls/pem_files.hpp"

#include <fairlead/testkit/manual_clock.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <malloc.h>
#include <openssl/crypto.h>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

namespace {

std::size_t in_use = 0;

// With the header that malloc puts before it.
std::size_t size_of(void* memory) {
    return memory ? ::malloc_usable_size(memory) + sizeof(std::size_t) : 0;
}
void* count(void* memory) {
    in_use += size_of(memory);
    return memory;
}
void* allocate_counted(std::size_t size, const char*, int) {
    return count(std::malloc(size));
}
void* reallocate_counted(void* memory, std::size_t size, const char*, int) {
    in_use -= size_of(memory);
    return count(std::realloc(memory, size));
}
void free_counted(void* memory, const char*, int) {
    in_use -= size_of(memory);
    std::free(memory);
}

// Before OpenSSL allocates anything.
[[maybe_unused]] const int openssl_is_counted =
    CRYPTO_set_mem_functions(allocate_counted, reallocate_counted, free_counted);

std::string_view secret; // is looked for in all memory that is given back
bool was_left = false;

void look_for_secret(void* memory) noexcept {
    if (memory && !secret.empty() &&
        ::memmem(memory, ::malloc_usable_size(memory), secret.data(), secret.size()) != nullptr)
        was_left = true;
}

class tls_memory : public tls_fixture {
protected:
    void connect() {
        server = make_server(context);
        client = make_client(client_context);
        ASSERT_EQ(shake_hands(server, client), std::pair(error_code{}, error_code{}));
        read_all(*client.tls, last);
        exchange();
    }

    void exchange() {
        for (tls_end* const from : {&client, &server}) {
            tls_end& to = from == &client ? server : client;
            EXPECT_EQ(from->tls->try_write("a message"), 9u);
            carry_once(*from, to);
            run_ready(home);
            EXPECT_EQ(read_all(*to.tls, last), "a message");
        }
    }

    /// What the budget of the buffers knows of.
    std::size_t counted() { return core_of(home).blocks().leased(); }

    /// The bytes that are freed with the stream.
    static std::size_t held_for(tls_end& end) {
        const std::size_t before = in_use;
        end.transport.reset();
        return before - in_use;
    }

    /// The same, compared with what the budget was told.
    std::size_t counted_and_held_for(tls_end& end) {
        const std::size_t before = counted();
        const std::size_t held = held_for(end);
        const std::size_t estimated = before - counted();
        EXPECT_GT(estimated, held * 3 / 4);
        EXPECT_LT(estimated, held * 5 / 4);
        return held;
    }

    std::shared_ptr<const tls_server_context> context = tls_server_context::load(server_options());
    const std::shared_ptr<const tls_client_context> client_context = tls_client_context::load(client_options());
    tls_end server = make_server(context);
    tls_end client = make_client(client_context);
    error_code last;
};

} // namespace

} // namespace fairlead::test

void operator delete(void* memory) noexcept {
    fairlead::test::look_for_secret(memory);
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    operator delete(memory);
}

namespace fairlead::test {

TEST_F(tls_memory, has_no_private_key_in_it_once_it_is_given_back) {
    const std::string key = certificates().server.key_pem(), file = certificates().server.key_file() + ".long";
    std::ofstream{file} << key << std::string(100'000, '#'); // several reads
    secret = std::string_view{key}.substr(key.find('\n') + 1, 32);
    load_certificate({certificates().server.chain_file(), file}, std::time(nullptr));
    secret = {};
    EXPECT_FALSE(was_left);
}

TEST_F(tls_memory, of_an_idle_server_session_is_at_most_16_KB) {
    connect(); // what is made once for the process is there now
    connect();
    const std::size_t held = counted_and_held_for(server);
    std::cout << held << " bytes of OpenSSL and " << sizeof(tls_stream) << " of ours for an idle session of a server\n";
    EXPECT_LE(held + sizeof(tls_stream), 16u * 1024);
    std::cout << counted_and_held_for(client) << " bytes of OpenSSL for that of its client\n";
}

TEST_F(tls_memory, of_sessions_with_client_certificates_is_as_estimated) {
    tls_server_options demanding = server_options();
    demanding.clients = client_certificate::required;
    demanding.client_ca_file = certificates().root.chain_file();
    context = tls_server_context::load(demanding);
    const test_certificate& ann = certificates().client;
    for (const int version : {TLS1_3_VERSION, TLS1_3_VERSION, TLS1_2_VERSION, TLS1_2_VERSION}) {
        server = make_server(context);
        ssl_ctx_ptr of_client{SSL_CTX_new(TLS_client_method())};
        SSL_CTX_set_max_proto_version(of_client.get(), version);
        ASSERT_EQ(SSL_CTX_use_certificate_chain_file(of_client.get(), ann.chain_file().c_str()), 1);
        ASSERT_EQ(SSL_CTX_use_PrivateKey_file(of_client.get(), ann.key_file().c_str(), SSL_FILETYPE_PEM), 1);
        raw_tls_peer raw{server.far, std::move(of_client), raw_tls_peer::side::client};
        for (int i = 0; i < 4; ++i) {
            raw.step();
            run_ready(home);
            server.tls->handshake();
        }
        raw.write("hello");
        EXPECT_EQ(read_all(*server.tls, last), "hello");
        std::cout << counted_and_held_for(server) << " bytes of OpenSSL for a session with a client's certificate over "
                  << SSL_get_version(raw.ssl()) << '\n';
    }
}

TEST_F(tls_memory, of_a_handshake_is_no_larger_than_estimated) {
    connect();
    server = make_server(context);
    server.far.send(make_client_hello("echo.example"));
    read_all(*server.tls, last);
    std::cout << counted_and_held_for(server)
              << " bytes of OpenSSL for a handshake that stalls behind the ClientHello\n";
}

TEST_F(tls_memory, of_a_stalled_hello_is_less_than_2_KB) {
    connect();
    server = make_server(context);
    const std::size_t counted_for_others = counted();
    const std::string hello = make_client_hello("echo.example");
    server.far.send(hello.substr(0, hello.size() - 1));
    read_all(*server.tls, last);
    EXPECT_EQ(server.tls->held(), 0u);
    const std::size_t ours = sizeof(tls_stream) + counted() - counted_for_others;
    std::cout << ours << " bytes of ours for a hello of " << hello.size() << " bytes without its last\n";
    EXPECT_LT(ours, 2'048u);
    EXPECT_EQ(held_for(server), 0u);
}

TEST_F(tls_memory, does_not_grow_by_key_updates) {
    server = make_server(context);
    raw_tls_peer raw{server.far, ssl_ctx_ptr{SSL_CTX_new(TLS_client_method())}, raw_tls_peer::side::client};
    testkit::manual_clock clock{home};
    const int updates = effort(2'000, 100'000);
    std::size_t at_first = 0;
    for (int i = 0; i < updates; ++i) {
        clock.advance(std::chrono::milliseconds{100});
        if (i % 100 == 0)
            raw.step(); // so often the answers are read
        SSL_key_update(raw.ssl(), SSL_KEY_UPDATE_REQUESTED);
        raw.write("x");
        read_all(*server.tls, last);
        ASSERT_EQ(last, errc::would_block);
        if (i == 500)
            at_first = in_use;
        if (i > 500 && i % 100 == 0) {
            ASSERT_LE(in_use, at_first + 4'096) << "after " << i << " updates";
        }
    }
    EXPECT_TRUE(raw.is_open());
    EXPECT_LE(counted(), server.tls->held() + client.tls->held() + 128);
}

TEST_F(tls_memory, is_not_held_for_half_a_record) {
    connect();
    const std::size_t idle = in_use, counted_when_idle = counted();
    client.tls->try_write(std::string(16'000, 'x')).value();
    const std::string record = client.far.received().substr(client.carried);
    server.far.send(record.substr(0, 100));
    read_all(*server.tls, last);
    EXPECT_EQ(in_use, idle);
    EXPECT_LE(counted() - counted_when_idle, 128u);
}

} // namespace fairlead::test
