// Memory that runs out in the handshake and behind it, each allocation in a run of its own: those of OpenSSL fail as well.
// A stream may end by that, no more.

#include "support/allocation_sweep.hpp"
#include "support/replaced_new.hpp"
#include "support/tls_fixture.hpp"

#include <cstdlib>
#include <new>
#include <openssl/crypto.h>
#include <thread>

namespace fairlead::test {

namespace {

void* allocate(std::size_t size, const char*, int) {
    return may_allocate(size) ? std::malloc(size) : nullptr;
}
void* allocate_again(void* memory, std::size_t size, const char*, int) {
    return may_allocate(size) ? std::realloc(memory, size) : nullptr;
}
void release(void* memory, const char*, int) {
    std::free(memory);
}

// Before OpenSSL allocates anything.
[[maybe_unused]] const int openssl_asks = CRYPTO_set_mem_functions(allocate, allocate_again, release);

class tls_allocation : public tls_fixture, public ::testing::WithParamInterface<failing> {
protected:
    // A handshake, bytes both ways and the end, while the nth allocation fails. Returns whether one did.
    bool fail_in(std::size_t nth) {
        server = make_server(server_context);
        client = make_client(client_context);
        fail_allocation(std::this_thread::get_id(), nth, GetParam());
        for (int round = 0; round < 10; ++round)
            take_part(round);
        const bool failed = stop_failing();
        for (int round = 10; round < 14; ++round)
            take_part(round);
        return failed;
    }

    void take_part(int round) {
        try {
            use(client, round);
            use(server, round);
            carry_once(client, server);
            carry_once(server, client);
        } catch (const std::bad_alloc&) {}
        EXPECT_EQ(ERR_peek_error(), 0u) << "an error of OpenSSL was left";
        run_ready(home);
    }

    // Bytes for a peer that reads them slowly, while the nth allocation fails. Returns whether one did.
    bool fail_while_writing(std::size_t nth) {
        server = make_server(server_context);
        client = make_client(client_context);
        EXPECT_EQ(shake_hands(server, client), std::pair(error_code{}, error_code{}));
        std::size_t written = 0;
        server.far.read_at_most(40'000);
        run_ready(home);
        fail_allocation(std::this_thread::get_id(), nth, GetParam());
        EXPECT_NO_THROW(write_some(written));
        const bool failed = stop_failing();
        server.far.read_everything();
        run_ready(home);
        for (int round = 0; round < 100 && write_some(written) == errc::would_block; ++round)
            run_ready(home);
        carry_once(server, client);
        error_code last;
        const std::string read = read_all(*client.tls, last);
        EXPECT_EQ(text.substr(0, read.size()), read) << "after allocation " << nth;
        EXPECT_TRUE(failed || read == text);
        return failed;
    }

    error_code write_some(std::size_t& written) {
        while (written < text.size()) {
            const auto taken = server.tls->try_write(bytes_view{text}.from(written));
            if (!taken)
                return taken.error();
            written += *taken;
        }
        return {};
    }

    static std::string counted_text() {
        std::string made;
        while (made.size() < 200'000)
            made += std::to_string(made.size()) + ' ';
        return made;
    }

    static void use(tls_end& end, int round) {
        byte_buffer input;
        while (end.tls->try_fill(input, stream::plenty)) {}
        if (round == 5)
            (void)end.tls->try_write_both("hello ", "there");
        if (round == 8)
            end.tls->shutdown();
    }

    const std::shared_ptr<const tls_server_context> server_context = tls_server_context::load(server_options());
    const std::shared_ptr<const tls_client_context> client_context = tls_client_context::load(client_options());
    tls_end server = make_server(server_context);
    tls_end client = make_client(client_context);
    const std::string text = counted_text();
    quiet_log quiet;
};

} // namespace

TEST_P(tls_allocation, that_fails_behind_the_encryption_sends_no_byte_twice) {
    for_every_allocation([this](std::size_t nth) { return fail_while_writing(nth); });
}

TEST_P(tls_allocation, that_fails_ends_a_stream_at_most) {
    for_every_allocation([this](std::size_t nth) { return fail_in(nth); }, 5);
    server = make_server(server_context);
    client = make_client(client_context);
    EXPECT_EQ(shake_hands(server, client), std::pair(error_code{}, error_code{}));
}

TEST_P(tls_allocation, that_fails_while_files_are_loaded_is_an_exception) {
    const tls_server_options options = server_options();
    bool failed = true;
    for (std::size_t nth = 1; failed; nth += 37) { // there are thousands, most of them in SSL_CTX_new
        fail_allocation(std::this_thread::get_id(), nth, GetParam());
        try {
            tls_server_context::load(options);
        } catch (const std::exception&) {}
        failed = stop_failing();
        EXPECT_EQ(ERR_peek_error(), 0u) << "after allocation " << nth << ": " << openssl_reason();
        ERR_clear_error();
    }
    EXPECT_NE(tls_server_context::load(options), nullptr);
}

INSTANTIATE_TEST_SUITE_P(each_kind, tls_allocation, ::testing::Values(failing::once, failing::for_good),
                         kind_of_failure);

} // namespace fairlead::test
