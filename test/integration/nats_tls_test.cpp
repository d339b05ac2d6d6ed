// Topics over NATS with TLS, and certificates in both directions.

#include "integration/support/nats_members.hpp"
#include "support/tls_certificates.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

class nats_tls_test : public nats_fixture {
protected:
    static std::vector<std::string> options_of(const test_certificate& own, const test_certificate& clients) {
        return {"--tls",    "--tlsverify",  "--tlscert",   own.chain_file(),
                "--tlskey", own.key_file(), "--tlscacert", clients.chain_file()};
    }

    std::string where() const { return "127.0.0.1:" + std::to_string(secure.port()); }

    const test_certificate authority{{.subject = "authority", .authority = true}};
    const test_certificate of_broker{{.names = {"IP:127.0.0.1", "DNS:broker.example"}}, authority};
    const test_certificate of_client{{.subject = "client", .names = {"DNS:client"}}, authority};
    nats_server_process secure{options_of(of_broker, authority)};

    nats_options trusting() const {
        return {
            .ca_file = authority.chain_file(), .chain_file = of_client.chain_file(), .key_file = of_client.key_file()};
    }
};

} // namespace

TEST_F(nats_tls_test, carries_messages_and_comes_back_after_a_restart) {
    secure.start();
    member one{"tls://" + where(), trusting()}, two{"tls://" + where(), trusting()};
    join(one, two, "t");
    const std::string large(500'000, 'x');
    for (int each = 0; each < 10; ++each)
        ASSERT_TRUE(one.bridge().publish("t", large));
    await([&] { return without_probes(two.heard("t")).size() == 10; }, "all messages");
    EXPECT_EQ(two.lost("t"), 0u);
    secure.kill();
    await([&] { return logged("is lost"); }, "the loss");
    secure.start();
    probe(one, two, "t");
    await([&] { return two.gaps("t") >= 1; }, "the gap");
}

TEST_F(nats_tls_test, verifies_the_name_of_the_broker) {
    secure.start();
    nats_options options = trusting();
    options.server_name = "broker.example";
    member one{"tls://" + where(), options}, two{"tls://" + where(), options};
    join(one, two, "t");
    options.server_name = "other.example";
    member stranger{"tls://" + where(), options};
    await([&] { return logged("ostname mismatch"); }, "the log");
    EXPECT_EQ(stranger.bridge().counters().connections.value(), 0u);
}

TEST_F(nats_tls_test, refuses_a_broker_of_another_authority) {
    secure.start();
    const test_certificate other{{.subject = "other", .authority = true}};
    nats_options options = trusting();
    options.ca_file = other.chain_file();
    member stranger{"tls://" + where(), options};
    await([&] { return logged("no connection to " + where()); }, "the log");
    EXPECT_EQ(stranger.bridge().counters().connections.value(), 0u);
}

TEST_F(nats_tls_test, never_turns_to_tls_because_a_broker_asks_for_it) {
    nats_server_process asking{{"--tls", "--tlscert", of_broker.chain_file(), "--tlskey", of_broker.key_file()}};
    asking.start();
    ::setenv("SSL_CERT_FILE", authority.chain_file().c_str(), 1); // one that the system would trust
    const std::string there = "127.0.0.1:" + std::to_string(asking.port());
    member plain{"nats://" + there};
    await([&] { return logged("no connection to " + there); }, "the log");
    EXPECT_EQ(plain.bridge().counters().connections.value(), 0u);
}

TEST_F(nats_tls_test, never_leaves_tls_because_a_broker_has_none) {
    broker.start();
    member one{"tls://127.0.0.1:" + std::to_string(broker.port()), trusting()};
    await([&] { return logged("no connection to"); }, "the log");
    EXPECT_EQ(one.bridge().counters().connections.value(), 0u);
}

} // namespace fairlead::test
