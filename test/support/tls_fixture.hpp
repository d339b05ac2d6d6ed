#pragma once

#include "runtime/shard_core.hpp"
#include "support/run.hpp"
#include "support/tls_certificates.hpp"
#include "tls/record.hpp"
#include "tls/tls_stream.hpp"

#include <fairlead/testkit/memory_stream.hpp>

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

/// The root that clients of tests trust, and certificates that it has issued.
struct tls_certificates {
    test_certificate root{{.subject = "test root", .authority = true}};
    test_certificate between{{.subject = "test issuer", .authority = true}, root};
    test_certificate server{{.subject = "echo", .names = {"DNS:echo.example", "IP:127.0.0.1"}}, between};
    test_certificate client{{.subject = "ann", .names = {"email:ann@echo.example"}}, root};

    static const tls_certificates& shared() {
        static const tls_certificates made;
        return made;
    }
};

/// One side of a connection over TLS, and the wire at its other end.
struct tls_end {
    tls_stream* tls = nullptr; // owned by `transport`, or by the session that took it
    std::unique_ptr<stream> transport;
    testkit::memory_peer far;
    std::size_t carried = 0; // bytes of `far` that were taken to the other side
    bool end_carried = false;
};

/// A server and a client over TLS in memory. `carry` takes the bytes from one to the other, cut as a test likes.
class tls_fixture : public ::testing::Test {
protected:
    static constexpr std::size_t uncut = std::numeric_limits<std::size_t>::max();

    static tls_server_options server_options() { return {.certificates = {certificates().server.files()}}; }
    static tls_client_options client_options() { return {.ca_file = certificates().root.chain_file()}; }
    static const tls_certificates& certificates() { return tls_certificates::shared(); }

    tls_end make_server(std::shared_ptr<const tls_server_context> context) {
        auto connection = testkit::make_memory_stream(home);
        auto made = tls_stream::accept(core_of(home), std::move(connection.near), std::move(context));
        tls_stream* const tls = made.get();
        return {tls, std::move(made), connection.far};
    }
    tls_end make_server(const tls_server_options& options = server_options()) {
        return make_server(tls_server_context::load(options));
    }
    tls_end make_client(std::shared_ptr<const tls_client_context> context, const std::string& host = "echo.example") {
        auto connection = testkit::make_memory_stream(home);
        auto made = tls_stream::connect(core_of(home), std::move(connection.near), std::move(context), host, "1");
        tls_stream* const tls = made.get();
        return {tls, std::move(made), connection.far};
    }
    tls_end make_client(const tls_client_options& options = client_options(),
                        const std::string& host = "echo.example") {
        return make_client(tls_client_context::load(options), host);
    }

    /// Takes new bytes, and the end, from one wire to the other; returns the number of pieces.
    static std::size_t carry_once(tls_end& from, tls_end& to, std::size_t cut = uncut) {
        const std::string bytes = from.far.received().substr(from.carried);
        from.carried += bytes.size();
        std::size_t pieces = 0;
        for (std::size_t at = 0; at < bytes.size(); at += std::min(cut, bytes.size()), ++pieces)
            to.far.send(bytes_view{bytes}.from(at).first(cut));
        if (from.far.ended() && !std::exchange(from.end_carried, true)) {
            to.far.end();
            ++pieces;
        }
        return pieces;
    }

    /// Runs until nothing is on its way any more.
    void carry(tls_end& one, tls_end& other, std::size_t cut = uncut) {
        do {
            run_ready(home);
        } while (carry_once(one, other, cut) + carry_once(other, one, cut) != 0);
        EXPECT_EQ(ERR_peek_error(), 0u) << "an error of OpenSSL was left";
    }

    /// Does the handshake of two streams without sessions; returns the outcome of each.
    std::pair<error_code, error_code> shake_hands(tls_end& server, tls_end& client, std::size_t cut = uncut) {
        error_code of_server, of_client;
        for (std::size_t rounds = 4; rounds != 0;
             --rounds) { // each piece may take one, as reads of memory pause between them
            of_client = outcome_of(*client.tls);
            of_server = outcome_of(*server.tls);
            run_ready(home);
            rounds += carry_once(client, server, cut) + carry_once(server, client, cut);
        }
        EXPECT_EQ(ERR_peek_error(), 0u) << "an error of OpenSSL was left";
        return {of_server, of_client};
    }

    /// Reads all that a stream gives now; the error that comes behind it is `last`.
    std::string read_all(stream& from, error_code& last) {
        byte_buffer input;
        for (int waits = 0; waits < 4;) {
            const auto got = from.try_fill(input, stream::plenty);
            if (got) {
                waits = 0;
                continue;
            }
            last = got.error();
            if (last != errc::would_block)
                break;
            run_ready(home);
            ++waits;
        }
        EXPECT_EQ(ERR_peek_error(), 0u) << "an error of OpenSSL was left";
        return to_string(input.data());
    }

    shard home;

private:
    static error_code outcome_of(tls_stream& tls) {
        const auto done = tls.handshake();
        return done ? error_code{} : done.error();
    }
};

/// Returns the sizes of the records in what was written, their headers included.
inline std::vector<std::size_t> record_sizes(bytes_view written) {
    std::vector<std::size_t> sizes;
    while (!written.empty()) {
        sizes.push_back(tls_record::size(written).value());
        written = written.from(sizes.back());
    }
    return sizes;
}

} // namespace fairlead::test
