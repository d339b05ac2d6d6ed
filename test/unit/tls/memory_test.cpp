// What OpenSSL holds for a connection, which tls_stream::held estimates. Apart, for this program counts the memory of OpenSSL.

#include "support/tls_fixture.hpp"
#include "support/tls_hello.hpp"

#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <malloc.h>
#include <openssl/crypto.h>
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

class tls_memory : public tls_fixture {
protected:
    void connect() {
        server = make_server(context);
        client = make_client();
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

    // The bytes that are freed with the stream.
    static std::size_t held_for(tls_end& end) {
        const std::size_t before = in_use;
        end.transport.reset();
        return before - in_use;
    }

    const std::shared_ptr<const tls_server_context> context = tls_server_context::load(server_options());
    tls_end server = make_server(context);
    tls_end client = make_client();
    error_code last;
};

} // namespace

TEST_F(tls_memory, of_an_idle_server_session_is_at_most_16_KB) {
    connect(); // what is made once for the process is there now
    connect();
    const std::size_t estimated = server.tls->held();
    const std::size_t held = held_for(server);
    std::cout << held << " bytes of OpenSSL and " << sizeof(tls_stream) << " of ours for an idle session of a server\n";
    EXPECT_LE(held + sizeof(tls_stream), 16u * 1024);
    EXPECT_GT(estimated, held * 3 / 4);
    EXPECT_LT(estimated, held * 5 / 4);
}

TEST_F(tls_memory, of_a_handshake_is_no_larger_than_estimated) {
    connect();
    server = make_server(context);
    server.far.send(make_client_hello("echo.example"));
    read_all(*server.tls, last);
    const std::size_t estimated = server.tls->held();
    const std::size_t held = held_for(server);
    std::cout << held << " bytes of OpenSSL for a handshake that stalls behind the ClientHello\n";
    EXPECT_GT(estimated, held * 3 / 4);
    EXPECT_LT(estimated, held * 5 / 4);
}

TEST_F(tls_memory, of_a_stalled_hello_is_less_than_2_KB) {
    connect();
    server = make_server(context);
    const std::string hello = make_client_hello("echo.example");
    server.far.send(hello.substr(0, hello.size() - 1));
    read_all(*server.tls, last);
    EXPECT_EQ(server.tls->held(), 0u);
    const std::size_t ours = sizeof(tls_stream) + core_of(home).blocks().leased();
    std::cout << ours << " bytes of ours for a hello of " << hello.size() << " bytes without its last\n";
    EXPECT_LT(ours, 2'048u);
    EXPECT_EQ(held_for(server), 0u);
}

TEST_F(tls_memory, is_not_held_for_half_a_record) {
    connect();
    const std::size_t idle = in_use;
    client.tls->try_write(std::string(16'000, 'x')).value();
    const std::string record = client.far.received().substr(client.carried);
    server.far.send(record.substr(0, 100));
    read_all(*server.tls, last);
    EXPECT_EQ(in_use, idle);
    EXPECT_LE(core_of(home).blocks().leased(), 128u);
}

} // namespace fairlead::test
