// What happens to a server over TLS when memory runs out in a handshake, that of OpenSSL as well, and comes back later: it
// shakes hands again, and counts its sessions as if nothing had been.

#include "integration/support/client.hpp"
#include "integration/support/polled_server.hpp"
#include "support/allocation_sweep.hpp"
#include "support/replaced_new.hpp"
#include "support/tls_certificates.hpp"
#include "tls/openssl.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/echo.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <future>
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <string>
#include <thread>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

void* allocate_or_fail(std::size_t size, const char*, int) {
    return may_allocate(size) ? std::malloc(size) : nullptr;
}
void* allocate_again_or_fail(void* memory, std::size_t size, const char*, int) {
    return may_allocate(size) ? std::realloc(memory, size) : nullptr;
}
void release_memory(void* memory, const char*, int) {
    std::free(memory);
}

// Before OpenSSL allocates anything.
[[maybe_unused]] const int openssl_may_fail =
    CRYPTO_set_mem_functions(allocate_or_fail, allocate_again_or_fail, release_memory);

/// What the server answers, as far as the connection goes.
std::string ask_over_tls(const endpoint& where) {
    const client peer{where};
    const ssl_ctx_ptr context{SSL_CTX_new(TLS_client_method())};
    const ssl_ptr ssl{SSL_new(context.get())};
    SSL_set_fd(ssl.get(), peer.descriptor());
    std::string reply;
    if (SSL_connect(ssl.get()) == 1 && SSL_write(ssl.get(), "hello\n", 6) == 6) {
        SSL_shutdown(ssl.get());
        char piece[100];
        for (int got = 0; (got = SSL_read(ssl.get(), piece, sizeof piece)) > 0;)
            reply.append(piece, static_cast<std::size_t>(got));
    }
    ERR_clear_error();
    return reply;
}

class allocation_of_handshakes : public ::testing::TestWithParam<failing> {
protected:
    allocation_of_handshakes() { std::signal(SIGPIPE, SIG_IGN); }

    /// A handshake, a message and the end, of which the nth allocation fails. Returns whether it did.
    bool serve_without_memory(std::size_t nth) {
        const listen_options how{.tls = {.certificates = {certificate_.files()}}};
        polled_server server{[&](fairlead::server& to) { return to.listen("tls://127.0.0.1:0", line{}, echo(), how); }};
        const auto ask = [&server] { return ask_over_tls(server.where()); };
        EXPECT_EQ(server.serve_during(ask), "hello\n"); // what is made once is made

        auto newcomer = std::async(std::launch::async, ask);
        fail_allocation(std::this_thread::get_id(), nth, GetParam());
        for (int rounds = 50; rounds != 0 && newcomer.wait_for(100us) != std::future_status::ready;) {
            server.serve();
            rounds -= has_failed() ? 1 : 0;
        }
        const bool failed = stop_failing();

        while (newcomer.wait_for(100us) != std::future_status::ready)
            server.serve();
        newcomer.get();
        EXPECT_EQ(ERR_peek_error(), 0u) << "after allocation " << nth << ": " << openssl_reason();
        EXPECT_EQ(server.serve_during(ask), "hello\n") << "after allocation " << nth;
        const auto open = [&server] { return server.counted().listeners.at(0).active; };
        for (int rounds = 5'000; rounds != 0 && open() != 0; --rounds) {
            server.serve();
            std::this_thread::sleep_for(1ms);
        }
        EXPECT_EQ(open(), 0u) << "after allocation " << nth;
        EXPECT_EQ(server.stop().cut_off, 0u) << "after allocation " << nth;
        const statistics counted = server.counted();
        EXPECT_EQ(counted.active, 0u) << "after allocation " << nth;
        EXPECT_EQ(counted.accepted, counted.closed.total()) << "after allocation " << nth;
        EXPECT_EQ(counted.buffered_bytes, 0u) << "after allocation " << nth;
        return failed;
    }

private:
    const test_certificate certificate_{{}};
    quiet_log quiet_;
};

TEST_P(allocation_of_handshakes, that_fails_lets_the_server_shake_hands_again) {
    for_every_allocation([this](std::size_t nth) { return serve_without_memory(nth); }, 7);
}

INSTANTIATE_TEST_SUITE_P(fails, allocation_of_handshakes, ::testing::Values(failing::once, failing::for_good),
                         kind_of_failure);

} // namespace

} // namespace fairlead::test
