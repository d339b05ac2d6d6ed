// Certificates that are read again: the context of a listener is replaced, and the streams that have begun keep theirs.

#include "server/tls_rules.hpp"
#include "support/tls_fixture.hpp"

#include <filesystem>
#include <stdexcept>

namespace fairlead::test {

namespace {

class certificate_reload : public tls_fixture {
protected:
    ~certificate_reload() override {
        std::filesystem::remove(chain_file);
        std::filesystem::remove(key_file);
    }

    void put(const test_certificate& wanted) const {
        using enum std::filesystem::copy_options;
        std::filesystem::copy_file(wanted.chain_file(), chain_file, overwrite_existing);
        std::filesystem::copy_file(wanted.key_file(), key_file, overwrite_existing);
    }

    tls_server_options options() const {
        put(first);
        return {.certificates = {{chain_file, key_file}}};
    }

    /// Shakes hands with the certificates that are there now.
    void connect() {
        server = make_server(rules.context());
        client = make_client(client_context);
        ASSERT_EQ(shake_hands(server, client), std::pair(error_code{}, error_code{}));
        read_all(*client.tls, last); // the tickets
    }

    const test_certificate first{{.subject = "first", .names = {"DNS:echo.example"}}, certificates().root};
    const test_certificate second{{.subject = "second", .names = {"DNS:echo.example"}}, certificates().root};
    const std::string chain_file = first.chain_file() + ".renewed";
    const std::string key_file = first.key_file() + ".renewed";
    const std::shared_ptr<const tls_client_context> client_context = tls_client_context::load(client_options());
    tls_rules rules{options()};
    tls_end server = make_server();
    tls_end client = make_client();
    error_code last;
};

} // namespace

TEST_F(certificate_reload, is_for_handshakes_that_begin_later) {
    connect();
    put(second);
    EXPECT_EQ(client.tls->info().peer_subject, "CN=first");
    rules.reload();
    EXPECT_EQ(ERR_peek_error(), 0u);
    EXPECT_EQ(server.tls->try_write("still here"), 10u);
    carry_once(server, client);
    EXPECT_EQ(read_all(*client.tls, last), "still here");
    server = make_server(rules.context());
    client = make_client();
    ASSERT_EQ(shake_hands(server, client), std::pair(error_code{}, error_code{}));
    EXPECT_EQ(client.tls->info().peer_subject, "CN=second");
}

TEST_F(certificate_reload, changes_nothing_if_a_file_is_broken) {
    const auto before = rules.context();
    std::filesystem::copy_file(second.key_file(), key_file, std::filesystem::copy_options::overwrite_existing);
    try {
        rules.reload();
        ADD_FAILURE() << "it was accepted";
    } catch (const std::invalid_argument& refused) {
        EXPECT_EQ(refused.what(), "the TLS file '" + key_file +
                                      "' cannot be used: its key does not belong to the first " + "certificate in '" +
                                      chain_file + "'");
    }
    EXPECT_EQ(ERR_peek_error(), 0u);
    EXPECT_EQ(rules.context(), before);
    connect();
    EXPECT_EQ(client.tls->info().peer_subject, "CN=first");
}

TEST_F(certificate_reload, leaves_tickets_valid) {
    connect();
    put(second);
    rules.reload();
    connect();
    EXPECT_TRUE(client.tls->info().resumed);
    EXPECT_TRUE(server.tls->info().resumed);
}

TEST_F(certificate_reload, makes_tickets_void_if_clients_need_other_issuers) {
    const std::string issuers = chain_file + ".issuers";
    std::filesystem::copy_file(certificates().root.chain_file(), issuers);
    tls_server_options demanding = options();
    demanding.clients = client_certificate::optional;
    demanding.client_ca_file = issuers;
    tls_rules with_issuers{demanding};
    for (const bool resumes : {false, true, false}) {
        server = make_server(with_issuers.context());
        client = make_client(client_context);
        ASSERT_EQ(shake_hands(server, client), std::pair(error_code{}, error_code{}));
        read_all(*client.tls, last);
        EXPECT_EQ(server.tls->info().resumed, resumes);
        if (resumes)
            std::filesystem::copy_file(certificates().between.chain_file(), issuers,
                                       std::filesystem::copy_options::overwrite_existing);
        with_issuers.reload();
    }
    std::filesystem::remove(issuers);
}

} // namespace fairlead::test
