// How a connection over TLS begins, with peers of all kinds, and the words about those that fail.

#include "support/effort.hpp"
#include "support/raw_tls_peer.hpp"
#include "support/tls_fixture.hpp"
#include "support/tls_hello.hpp"
#include "tls/pem_files.hpp"

#include <fairlead/testkit/manual_clock.hpp>

#include <atomic>
#include <string_view>
#include <thread>

using namespace std::literals;

namespace fairlead::test {

namespace {

constexpr std::time_t day = 24 * 3'600;

// For OpenSSL the reason 1000 and 0, the number of the alert.
constexpr std::string_view fatal_close_notify = "\x15\3\3\0\2\2\0"sv;

class tls_handshake : public tls_fixture {
protected:
    using outcomes = std::pair<error_code, error_code>;
    static constexpr outcomes both_done() { return {}; }

    // A server that gets these bytes as the first.
    error_code server_error(std::string_view bytes, bool ends = false) {
        server = make_server();
        server.far.send(bytes);
        if (ends)
            server.far.end();
        read_all(*server.tls, last);
        return last;
    }

    // A client that asks for `host` from a server with that certificate.
    error_code client_error(const tls_server_options& options, const std::string& host,
                            std::time_t loaded_at = std::time(nullptr)) {
        server = make_server(tls_server_context::load(options, {}, loaded_at));
        client = make_client(client_options(), host);
        return shake_hands(server, client).second;
    }

    // Lets OpenSSL and one of ours go on until nothing more happens.
    void talk(raw_tls_peer& raw, tls_end& own) {
        for (int i = 0; i < 12; ++i) {
            raw.step();
            run_ready(home);
            read_all(*own.tls, last);
        }
    }

    static ssl_ctx_ptr raw_client() { return ssl_ctx_ptr{SSL_CTX_new(TLS_client_method())}; }

    // With the certificate that clients expect.
    static raw_tls_peer raw_server(const tls_end& of) {
        ssl_ctx_ptr context{SSL_CTX_new(TLS_server_method())};
        use_certificate(context.get(), load_certificate(certificates().server.files(), std::time(nullptr)),
                        certificates().server.files());
        return {of.far, std::move(context), raw_tls_peer::side::server};
    }

    tls_end server = make_server();
    tls_end client = make_client();
    error_code last;
};

std::string certificate_words(int why) {
    return error_code{why, certificate_category()}.message();
}

} // namespace

TEST_F(tls_handshake, tells_protocol_cipher_and_names) {
    tls_server_options options = server_options();
    options.alpn = {"echo/2", "echo/1"};
    server = make_server(options);
    tls_client_options wishes = client_options();
    wishes.alpn = {"echo/1", "echo/2"};
    client = make_client(wishes);
    ASSERT_EQ(shake_hands(server, client), both_done());
    for (const tls_end* each : {&server, &client}) {
        const tls_info known = each->tls->info();
        EXPECT_EQ(known.protocol, "TLSv1.3");
        EXPECT_EQ(known.cipher, "TLS_AES_256_GCM_SHA384");
        EXPECT_EQ(known.alpn, "echo/2");
        EXPECT_EQ(known.server_name, "echo.example");
        EXPECT_FALSE(known.resumed);
    }
    const tls_info known = client.tls->info();
    EXPECT_EQ(known.peer_subject, "CN=echo");
    EXPECT_EQ(known.peer_names, (std::vector{"DNS:echo.example"s, "IP:127.0.0.1"s}));
    EXPECT_EQ(known.peer_fingerprint.size(), 64u);
    EXPECT_EQ(server.tls->info().peer_subject, "");
}

TEST_F(tls_handshake, succeeds_however_the_bytes_arrive) {
    for (const std::size_t cut : {1u, 2u, 5u, 6u, 100u, 1'000u}) {
        server = make_server();
        client = make_client();
        EXPECT_EQ(shake_hands(server, client, cut), both_done()) << cut;
    }
}

TEST_F(tls_handshake, goes_on_when_a_full_peer_takes_the_rest_of_it) {
    server = make_server();
    client = make_client();
    server.far.read_at_most(100);
    EXPECT_EQ(shake_hands(server, client).second, errc::would_block);
    server.far.read_at_most(100);
    run_ready(home);
    server.far.read_everything();
    run_ready(home);
    EXPECT_EQ(shake_hands(server, client), both_done());
}

TEST_F(tls_handshake, is_done_for_a_writer_that_does_not_read) {
    server = make_server();
    client = make_client();
    EXPECT_EQ(client.tls->try_write("early").error(), errc::would_block);
    bool writable = false;
    client.tls->writable().wait()([&] { writable = true; });
    for (int i = 0; i < 5; ++i) {
        carry_once(client, server);
        run_ready(home);
        read_all(*server.tls, last);
        carry_once(server, client);
        run_ready(home);
    }
    EXPECT_TRUE(writable);
    EXPECT_EQ(client.tls->try_write("early"), 5u);
    carry_once(client, server);
    EXPECT_EQ(read_all(*server.tls, last), "early");
}

TEST_F(tls_handshake, holds_nothing_of_openssl_before_the_hello_is_whole) {
    const std::string hello = make_client_hello("echo.example");
    server = make_server();
    const std::size_t leased_before = core_of(home).blocks().leased();
    server.far.send(hello.substr(0, hello.size() - 1));
    read_all(*server.tls, last);
    EXPECT_EQ(last, errc::would_block);
    EXPECT_EQ(server.tls->held(), 0u);
    EXPECT_LE(core_of(home).blocks().leased(), leased_before + hello.size());
    server.far.send(hello.substr(hello.size() - 1));
    read_all(*server.tls, last);
    EXPECT_GT(server.tls->held(), 0u);
    EXPECT_GT(server.far.received().size(), 500u); // it has answered
}

TEST_F(tls_handshake, reads_as_much_of_the_hello_as_it_may) {
    server = make_server();
    server.far.send("\x16\3\1\x3f\xff\1\0\x3f\xfb"s + std::string(5'000, '\0'));
    run_ready(home);
    EXPECT_EQ(server.tls->receive_hello(1'024).error(), errc::would_block);
    EXPECT_EQ(server.tls->hello_size(), 1'024u);
    EXPECT_EQ(server.tls->receive_hello(1'024).error(), errc::would_block);
    EXPECT_EQ(server.tls->hello_size(), 1'024u);
    EXPECT_EQ(server.tls->receive_hello(stream::plenty).error(), errc::would_block);
    EXPECT_GT(server.tls->hello_size(), 1'024u);
}

TEST_F(tls_handshake, that_has_failed_can_free_its_memory_before_the_alert_is_sent) {
    tls_server_options options = server_options();
    options.alpn = {"echo/2"};
    server = make_server(options);
    tls_client_options wishes = client_options();
    wishes.alpn = {"other"};
    client = make_client(wishes);
    server.far.read_at_most(0);
    ASSERT_EQ(shake_hands(server, client).first, tls_errc::no_shared_alpn);
    server.tls->shutdown();
    server.tls->release();
    EXPECT_EQ(server.tls->held(), 0u);
    EXPECT_FALSE(server.far.ended());
    server.far.read_everything();
    run_ready(home);
    EXPECT_TRUE(server.far.received().starts_with("\x15\3")) << "there is no alert";
    EXPECT_TRUE(server.far.ended());
}

TEST_F(tls_handshake, names_the_protocol_of_a_client_that_speaks_another) {
    EXPECT_EQ(server_error("GET / HTTP/1.1\r\n\r\n"), tls_errc::not_tls);
    EXPECT_NE(server.tls->explain().find("this looks like an HTTP request"), std::string::npos)
        << server.tls->explain();
    EXPECT_EQ(server_error("SSH-2.0-OpenSSH_9.2\r\n"), tls_errc::not_tls);
    EXPECT_NE(server.tls->explain().find("an SSH banner"), std::string::npos);
    EXPECT_EQ(server_error("\0\0\0\5hello"sv), tls_errc::not_tls);
    EXPECT_NE(server.tls->explain().find("00 00 00 05"), std::string::npos);
    EXPECT_EQ(server.far.received(), "");
}

TEST_F(tls_handshake, names_the_protocol_of_a_server_that_speaks_another) {
    client = make_client();
    read_all(*client.tls, last);
    client.far.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    read_all(*client.tls, last);
    EXPECT_EQ(last, tls_errc::not_tls);
    EXPECT_NE(client.tls->explain().find("an HTTP response"), std::string::npos);
    EXPECT_EQ(client.tls->try_write("x").error(), tls_errc::not_tls);
}

TEST_F(tls_handshake, refuses_garbage_in_the_form_of_records) {
    EXPECT_EQ(server_error("\x16\3\1\0\5\1\0\0\1x"sv), tls_errc::malformed);
    EXPECT_TRUE(server.far.received().starts_with("\x15\3")) << "there is no alert";
    EXPECT_EQ(server_error("\x16\3\1\0\1\2"sv), tls_errc::malformed);
    client = make_client();
    read_all(*client.tls, last);
    client.far.send("\x16\3\3\0\4\2\0\0\0"sv);
    read_all(*client.tls, last);
    EXPECT_EQ(last, tls_errc::malformed);
}

TEST_F(tls_handshake, of_a_client_is_not_done_by_a_fatal_close_notify) {
    client = make_client();
    read_all(*client.tls, last);
    client.far.send(fatal_close_notify);
    read_all(*client.tls, last);
    EXPECT_EQ(last, tls_errc::malformed);
    const auto again = client.tls->handshake();
    ASSERT_FALSE(again) << "it is open, and nothing was verified";
    EXPECT_EQ(again.error(), tls_errc::malformed);
    EXPECT_EQ(client.tls->try_write("secret").error(), tls_errc::malformed);
}

TEST_F(tls_handshake, of_a_server_is_not_done_by_a_fatal_close_notify_in_place_of_the_certificate) {
    tls_server_options options = server_options();
    options.client_ca_file = certificates().root.chain_file();
    options.clients = client_certificate::required;
    server = make_server(options);
    ssl_ctx_ptr old = raw_client();
    SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
    raw_tls_peer raw{server.far, std::move(old), raw_tls_peer::side::client};
    raw.step(); // its first message alone
    EXPECT_EQ(server.tls->handshake().error(), errc::would_block);
    server.far.send(fatal_close_notify);
    const auto done = server.tls->handshake();
    ASSERT_FALSE(done) << "it is open without a certificate";
    EXPECT_EQ(done.error(), tls_errc::malformed);
    EXPECT_EQ(server.tls->handshake().error(), tls_errc::malformed);
}

TEST_F(tls_handshake, ends_with_a_close_notify) {
    client = make_client();
    read_all(*client.tls, last);
    client.far.send("\x15\3\3\0\2\1\0"sv);
    read_all(*client.tls, last);
    EXPECT_EQ(last, tls_errc::ended_in_handshake);
}

TEST_F(tls_handshake, ends_with_the_peer) {
    const std::string hello = make_client_hello("echo.example");
    EXPECT_EQ(server_error("", true), errc::closed);
    EXPECT_EQ(server_error(hello.substr(0, 100), true), tls_errc::ended_in_handshake);
    EXPECT_EQ(server_error(hello, true), tls_errc::ended_in_handshake);
    client = make_client();
    client.far.end();
    read_all(*client.tls, last);
    EXPECT_EQ(last, tls_errc::ended_in_handshake);
    const error_code reset = make_error_code(boost::system::errc::connection_reset);
    client = make_client();
    client.far.fail(reset);
    read_all(*client.tls, last);
    EXPECT_EQ(last, reset);
}

TEST_F(tls_handshake, refuses_a_version_that_is_too_old) {
    tls_server_options options = server_options();
    options.min_version = tls_version::v1_3;
    server = make_server(options);
    ssl_ctx_ptr old = raw_client();
    SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
    raw_tls_peer raw{server.far, std::move(old), raw_tls_peer::side::client};
    talk(raw, server);
    EXPECT_EQ(last, tls_errc::unsupported_version);
    EXPECT_FALSE(raw.is_open());
    server = make_server();
    ssl_ctx_ptr allowed = raw_client();
    SSL_CTX_set_max_proto_version(allowed.get(), TLS1_2_VERSION);
    raw_tls_peer second{server.far, std::move(allowed), raw_tls_peer::side::client};
    talk(second, server);
    EXPECT_TRUE(second.is_open());
    EXPECT_EQ(server.tls->info().protocol, "TLSv1.2");
}

TEST_F(tls_handshake, tells_an_alert_by_its_name) {
    server = make_server();
    tls_client_options demanding = client_options();
    demanding.ca_file = certificates().client.chain_file();
    client = make_client(demanding);
    const auto [of_server, of_client] = shake_hands(server, client);
    EXPECT_EQ(of_client.category(), certificate_category());
    EXPECT_EQ(of_server, (error_code{48, tls_alert_category()}));
    EXPECT_TRUE(of_server.message().starts_with("unknown_ca: the peer sent this TLS alert")) << of_server.message();
}

TEST_F(tls_handshake, refuses_a_certificate_that_has_expired_since) {
    const test_certificate expired{{.names = {"DNS:echo.example"}, .valid_from = -3 * day, .valid_until = -day},
                                   certificates().root};
    const error_code why =
        client_error({.certificates = {expired.files()}}, "echo.example", std::time(nullptr) - 2 * day);
    EXPECT_EQ(why, (error_code{X509_V_ERR_CERT_HAS_EXPIRED, certificate_category()}));
    EXPECT_NE(why.message().find("it has expired"), std::string::npos);
    EXPECT_NE(client.tls->explain().find("the certificate of 'CN=server' expired on 20"), std::string::npos)
        << client.tls->explain();
}

TEST_F(tls_handshake, refuses_a_certificate_for_another_name_or_address) {
    const error_code name = client_error(server_options(), "other.example");
    EXPECT_EQ(name, (error_code{X509_V_ERR_HOSTNAME_MISMATCH, certificate_category()}));
    EXPECT_EQ(client.tls->explain(), "the certificate of 'CN=echo' is for DNS:echo.example, IP:127.0.0.1");
    const error_code address = client_error(server_options(), "127.0.0.2");
    EXPECT_EQ(address, (error_code{X509_V_ERR_IP_ADDRESS_MISMATCH, certificate_category()}));
    EXPECT_EQ(client_error(server_options(), "127.0.0.1"), error_code{});
    EXPECT_EQ(server.tls->info().server_name, "");
}

TEST_F(tls_handshake, verifies_a_name_without_the_dot_at_its_end) {
    EXPECT_EQ(client_error(server_options(), "echo.example."), error_code{});
    EXPECT_EQ(server.tls->info().server_name, "echo.example");
}

TEST_F(tls_handshake, refuses_a_common_name_in_place_of_an_alternative_name) {
    const test_certificate old{{.subject = "echo.example"}, certificates().root};
    EXPECT_EQ(client_error({.certificates = {old.files()}}, "echo.example"),
              (error_code{X509_V_ERR_HOSTNAME_MISMATCH, certificate_category()}));
    EXPECT_EQ(client.tls->explain(), "the certificate of 'CN=echo.example' is for no name");
}

TEST_F(tls_handshake, tells_names_whole_and_escapes_them_once) {
    const std::string mail(300, 'a');
    const test_certificate zoe{{.subject = "zo\xc3\xab, x", .names = {"email:" + mail}}};
    server = make_server({.certificates = {zoe.files()}});
    client = make_client({.accept_any_certificate = true});
    ASSERT_EQ(shake_hands(server, client), both_done());
    EXPECT_EQ(client.tls->info().peer_subject, "CN=zo\\C3\\AB\\, x");
    EXPECT_EQ(client.tls->info().peer_names, std::vector{"email:" + mail});
}

TEST_F(tls_handshake, refuses_a_self_signed_certificate_that_is_not_trusted) {
    const test_certificate alone{{.subject = "alone", .names = {"DNS:echo.example"}}};
    const error_code why = client_error({.certificates = {alone.files()}}, "echo.example");
    EXPECT_EQ(why, (error_code{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, certificate_category()}));
    EXPECT_NE(why.message().find("self-signed"), std::string::npos);
    EXPECT_EQ(client.tls->explain(), "the certificate of 'CN=alone' is self-signed");
    server = make_server({.certificates = {alone.files()}});
    client = make_client({.ca_file = alone.chain_file()});
    EXPECT_EQ(shake_hands(server, client), both_done()); // it is trusted by its own name
}

TEST_F(tls_handshake, names_the_issuer_that_is_not_known) {
    const test_certificate other_root{{.subject = "other root", .authority = true}};
    const test_certificate other{{.subject = "other", .names = {"DNS:echo.example"}}, other_root};
    const error_code why = client_error({.certificates = {other.files()}}, "echo.example");
    EXPECT_EQ(why, (error_code{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, certificate_category()}));
    EXPECT_NE(why.message().find("its issuer is unknown"), std::string::npos);
    EXPECT_NE(client.tls->explain().find("'CN=other root'"), std::string::npos) << client.tls->explain();
}

TEST_F(tls_handshake, accepts_any_certificate_if_told_so) {
    const test_certificate alone{{.subject = "alone"}};
    server = make_server({.certificates = {alone.files()}});
    client = make_client({.accept_any_certificate = true});
    EXPECT_EQ(shake_hands(server, client), both_done());
    EXPECT_EQ(client.tls->info().peer_subject, "CN=alone");
}

TEST_F(tls_handshake, chooses_the_certificate_by_the_name_that_is_asked_for) {
    const test_certificate wild{{.subject = "wild", .names = {"DNS:*.wild.example", "DNS:two.example"}},
                                certificates().root};
    const tls_server_options options{.certificates = {certificates().server.files(), wild.files()}};
    const std::pair<const char*, const char*> cases[] = {
        {"echo.example", "CN=echo"},   {"two.example", "CN=wild"},  {"a.wild.example", "CN=wild"},
        {"A.Wild.Example", "CN=wild"}, {"wild.example", "CN=echo"}, {"a.b.wild.example", "CN=echo"},
        {"other.example", "CN=echo"},  {"127.0.0.1", "CN=echo"},
    };
    for (const auto& [host, subject] : cases) {
        server = make_server(options);
        client = make_client({.accept_any_certificate = true}, host);
        ASSERT_EQ(shake_hands(server, client), both_done()) << host;
        EXPECT_EQ(client.tls->info().peer_subject, subject) << host;
    }
}

TEST_F(tls_handshake, refuses_a_client_with_other_application_protocols_only) {
    tls_server_options options = server_options();
    options.alpn = {"echo"};
    server = make_server(options);
    tls_client_options wishes = client_options();
    wishes.alpn = {"http/1.1"};
    client = make_client(wishes);
    const auto [of_server, of_client] = shake_hands(server, client);
    EXPECT_EQ(of_server, tls_errc::no_shared_alpn);
    EXPECT_EQ(of_client, (error_code{120, tls_alert_category()}));
    server = make_server(options);
    client = make_client();
    EXPECT_EQ(shake_hands(server, client), both_done());
    EXPECT_EQ(server.tls->info().alpn, "");
}

TEST_F(tls_handshake, demands_client_certificates) {
    tls_server_options options = server_options();
    options.client_ca_file = certificates().root.chain_file();
    tls_client_options known = client_options(), unknown = client_options();
    known.certificate = certificates().client.files();
    const test_certificate stranger{{.subject = "stranger"}};
    unknown.certificate = stranger.files();
    const auto meet = [&](client_certificate wanted, const tls_client_options& wishes) {
        options.clients = wanted;
        server = make_server(options);
        client = make_client(wishes);
        const error_code of_server = shake_hands(server, client).first;
        read_all(*client.tls, last); // where an alert of TLS 1.3 is seen
        return of_server;
    };
    EXPECT_EQ(meet(client_certificate::required, known), error_code{});
    EXPECT_EQ(server.tls->info().peer_subject, "CN=ann");
    EXPECT_EQ(server.tls->info().peer_names, std::vector{"email:ann@echo.example"s});
    EXPECT_EQ(meet(client_certificate::required, client_options()), tls_errc::certificate_missing);
    EXPECT_TRUE(last.message().starts_with("certificate_required")) << last.message();
    EXPECT_EQ(meet(client_certificate::optional, client_options()), error_code{});
    EXPECT_EQ(server.tls->info().peer_subject, "");
    EXPECT_EQ(meet(client_certificate::optional, unknown).category(), certificate_category());
    EXPECT_EQ(server.tls->explain(), "the certificate of 'CN=stranger' is self-signed");
    EXPECT_EQ(last.category(), tls_alert_category());
}

TEST_F(tls_handshake, accepts_the_certificates_of_an_issuer_that_is_no_root) {
    const test_certificate bob{{.subject = "bob"}, certificates().between};
    tls_server_options options = server_options();
    options.client_ca_file = certificates().between.chain_file();
    options.clients = client_certificate::required;
    tls_client_options known = client_options(), unknown = client_options();
    known.certificate = bob.files();
    unknown.certificate = certificates().client.files(); // of the root
    server = make_server(options);
    client = make_client(known);
    EXPECT_EQ(shake_hands(server, client), both_done());
    EXPECT_EQ(server.tls->info().peer_subject, "CN=bob");
    server = make_server(options);
    client = make_client(unknown);
    EXPECT_EQ(shake_hands(server, client).first.category(), certificate_category());
}

TEST_F(tls_handshake, is_a_whole_one_once_the_certificate_of_the_client_has_expired) {
    const test_certificate old_root{{.valid_from = -3 * day, .authority = true}};
    const test_certificate eve{{.subject = "eve", .valid_from = -3 * day, .valid_until = -day}, old_root};
    tls_server_options options = server_options();
    options.client_ca_file = old_root.chain_file();
    options.clients = client_certificate::required;
    tls_client_options wishes = client_options();
    wishes.certificate = eve.files();
    const auto context = tls_server_context::load(options);
    X509_VERIFY_PARAM* const verification = SSL_CTX_get0_param(context->choose(""));
    X509_VERIFY_PARAM_set_time(verification, std::time(nullptr) - 2 * day);
    const auto own = tls_client_context::load(wishes, std::time(nullptr) - 2 * day);
    const auto meet = [&] {
        server = make_server(context);
        client = make_client(own);
        const error_code of_server = shake_hands(server, client).first;
        read_all(*client.tls, last); // the ticket
        client.tls->shutdown();
        return of_server;
    };
    EXPECT_EQ(meet(), error_code{});
    X509_VERIFY_PARAM_clear_flags(verification, X509_V_FLAG_USE_CHECK_TIME);
    EXPECT_EQ(meet(), (error_code{X509_V_ERR_CERT_HAS_EXPIRED, certificate_category()}));
    EXPECT_EQ(last, (error_code{45, tls_alert_category()}));
}

TEST_F(tls_handshake, is_a_whole_one_once_the_certificate_of_the_server_has_expired) {
    const test_certificate expired{{.names = {"DNS:echo.example"}, .valid_from = -3 * day, .valid_until = -day},
                                   certificates().root};
    const auto context =
        tls_server_context::load({.certificates = {expired.files()}}, {}, std::time(nullptr) - 2 * day);
    server = make_server(context);
    raw_tls_peer raw{server.far, raw_client(), raw_tls_peer::side::client}; // it verifies nothing
    talk(raw, server);
    ASSERT_TRUE(raw.is_open());
    SSL_shutdown(raw.ssl()); // else the session is spoilt
    const auto own = tls_client_context::load(client_options());
    own->sessions().put("echo.example\n1", SSL_get0_session(raw.ssl()));
    server = make_server(context);
    client = make_client(own);
    EXPECT_EQ(shake_hands(server, client).second, (error_code{X509_V_ERR_CERT_HAS_EXPIRED, certificate_category()}));
}

TEST_F(tls_handshake, resumes_with_the_keys_that_all_listeners_share) {
    const auto first = tls_server_context::load(server_options());
    const auto reloaded = tls_server_context::load(server_options(), first->keys());
    const auto foreign = tls_server_context::load(server_options());
    const auto own = tls_client_context::load(client_options());
    const auto is_resumed = [&](const std::shared_ptr<const tls_server_context>& context) {
        server = make_server(context);
        client = make_client(own);
        EXPECT_EQ(shake_hands(server, client), both_done());
        read_all(*client.tls, last); // the ticket
        EXPECT_EQ(server.tls->info().resumed, client.tls->info().resumed);
        EXPECT_EQ(client.tls->info().peer_subject, "CN=echo");
        client.tls->shutdown();
        return server.tls->info().resumed;
    };
    EXPECT_FALSE(is_resumed(first));
    EXPECT_TRUE(is_resumed(first));
    EXPECT_TRUE(is_resumed(reloaded));
    EXPECT_FALSE(is_resumed(foreign));
    first->keys()->current(std::chrono::steady_clock::now() + ticket_keys::period);
    EXPECT_FALSE(is_resumed(first));
}

TEST_F(tls_handshake, does_not_resume_past_a_certificate_that_is_required_now) {
    const auto before = tls_server_context::load(server_options());
    tls_server_options stricter = server_options();
    stricter.client_ca_file = certificates().root.chain_file();
    stricter.clients = client_certificate::required;
    const auto own = tls_client_context::load(client_options());
    const auto meet = [&](std::shared_ptr<const tls_server_context> context) {
        server = make_server(std::move(context));
        client = make_client(own);
        const error_code of_server = shake_hands(server, client).first;
        read_all(*client.tls, last);
        return of_server;
    };
    EXPECT_EQ(meet(before), error_code{});
    EXPECT_EQ(meet(tls_server_context::load(stricter, before->keys())), tls_errc::certificate_missing);
}

TEST_F(tls_handshake, resumes_a_session_of_tls_1_2) {
    const auto context = tls_server_context::load(server_options());
    SSL_SESSION* session = nullptr;
    for (const bool again : {false, true}) {
        server = make_server(context);
        ssl_ctx_ptr old = raw_client();
        SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
        raw_tls_peer raw{server.far, std::move(old), raw_tls_peer::side::client};
        if (again)
            SSL_set_session(raw.ssl(), session);
        talk(raw, server);
        EXPECT_EQ(server.tls->info().resumed, again);
        SSL_shutdown(raw.ssl()); // else the session is spoilt
        if (!again)
            session = SSL_get1_session(raw.ssl());
    }
    SSL_SESSION_free(session);
}

TEST_F(tls_handshake, answers_key_updates_and_goes_on) {
    server = make_server();
    raw_tls_peer raw{server.far, raw_client(), raw_tls_peer::side::client};
    talk(raw, server);
    ASSERT_TRUE(raw.is_open());
    testkit::manual_clock clock{home};
    const int updates = effort(200, 2'000);
    for (int i = 0; i < updates; ++i) {
        clock.advance(100ms);
        ASSERT_EQ(SSL_key_update(raw.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
        raw.write("after update " + std::to_string(i));
        EXPECT_EQ(read_all(*server.tls, last), "after update " + std::to_string(i));
        server.tls->try_write("x").value();
        raw.step();
    }
    EXPECT_EQ(raw.received, std::string(static_cast<std::size_t>(updates), 'x'));
}

TEST_F(tls_handshake, is_followed_by_an_end_in_a_flood_of_key_updates) {
    server = make_server();
    raw_tls_peer raw{server.far, raw_client(), raw_tls_peer::side::client};
    talk(raw, server);
    testkit::manual_clock clock{home};
    for (int i = 0; i < 1'000; ++i) {
        SSL_key_update(raw.ssl(), SSL_KEY_UPDATE_REQUESTED);
        raw.write("x"); // data between them change nothing
    }
    EXPECT_EQ(read_all(*server.tls, last), std::string(100, 'x'));
    EXPECT_EQ(last, tls_errc::record_flood);
    EXPECT_EQ(server.tls->try_write("x").error(), tls_errc::record_flood);
}

TEST_F(tls_handshake, is_followed_by_an_end_in_a_flood_of_tickets) {
    client = make_client();
    testkit::manual_clock clock{home};
    raw_tls_peer raw = raw_server(client);
    talk(raw, client);
    ASSERT_TRUE(raw.is_open());
    const auto send_tickets = [&raw](int count) {
        for (int i = 0; i < count; ++i) {
            SSL_new_session_ticket(raw.ssl());
            raw.write("x");
        }
    };
    send_tickets(50);
    EXPECT_EQ(read_all(*client.tls, last), std::string(50, 'x'));
    EXPECT_EQ(last, errc::would_block);
    clock.advance(10s);
    send_tickets(1'000);
    EXPECT_EQ(read_all(*client.tls, last), std::string(100, 'x'));
    EXPECT_EQ(last, tls_errc::record_flood);
}

TEST_F(tls_handshake, reads_no_further_while_the_peer_takes_no_replies) {
    server = make_server();
    raw_tls_peer raw{server.far, raw_client(), raw_tls_peer::side::client};
    talk(raw, server);
    server.far.read_at_most(1'000);
    EXPECT_GT(server.tls->try_write(std::string(40'000, 'x')).value(), 39'000u); // it keeps records
    raw.write("a question");
    EXPECT_EQ(read_all(*server.tls, last), "");
    bool readable = false;
    server.tls->readable().wait()([&] { readable = true; });
    run_ready(home);
    EXPECT_FALSE(readable);
    server.far.read_everything();
    run_ready(home);
    EXPECT_TRUE(readable);
    EXPECT_EQ(read_all(*server.tls, last), "a question");
}

TEST(tls_contexts, are_shared_by_threads) {
    const auto& certificates = tls_certificates::shared();
    const auto server_context = tls_server_context::load({.certificates = {certificates.server.files()}});
    const auto client_context = tls_client_context::load({.ca_file = certificates.root.chain_file()});
    std::atomic<int> resumed{0}, failed{0};
    const auto shake_hands = [&] {
        shard home;
        for (int i = 0; i < 20; ++i) {
            auto [near, far] = testkit::make_memory_streams(home);
            const auto client =
                tls_stream::connect(core_of(home), std::move(near), client_context, "echo.example", "1");
            const auto server = tls_stream::accept(core_of(home), std::move(far), server_context);
            byte_buffer input;
            for (int round = 0; round < 10; ++round) {
                failed += client->try_fill(input, stream::plenty).error() != errc::would_block;
                failed += server->try_fill(input, stream::plenty).error() != errc::would_block;
                home.poll();
            }
            resumed += server->info().resumed;
        }
    };
    std::thread other{shake_hands};
    shake_hands();
    other.join();
    EXPECT_EQ(failed, 0);
    EXPECT_GT(resumed, 0);
}

TEST_F(tls_handshake, gives_others_their_turn_among_records_without_data) {
    server = make_server();
    raw_tls_peer raw{server.far, raw_client(), raw_tls_peer::side::client};
    talk(raw, server);
    for (int i = 0; i < 100; ++i) {
        SSL_key_update(raw.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
        SSL_do_handshake(raw.ssl());
    }
    raw.write("behind them"); // all arrive together
    byte_buffer input;
    run_ready(home);
    int turns = 0;
    bool woken = true;
    while (input.empty() && woken && turns < 20) {
        woken = false;
        ++turns;
        if (const auto got = server.tls->try_fill(input, stream::plenty);
            got.has_error() && got.error() != errc::would_block)
            FAIL() << got.error().message();
        server.tls->readable().wait()([&] { woken = true; });
        run_ready(home);
    }
    EXPECT_EQ(input.data(), "behind them");
    EXPECT_EQ(turns, 4);
}

TEST_F(tls_handshake, does_not_renegotiate) {
    server = make_server();
    ssl_ctx_ptr old = raw_client();
    SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
    raw_tls_peer raw{server.far, std::move(old), raw_tls_peer::side::client};
    talk(raw, server);
    ASSERT_TRUE(raw.is_open());
    SSL_renegotiate(raw.ssl());
    talk(raw, server);
    EXPECT_TRUE(last == errc::would_block || last.failed());
    EXPECT_EQ(server.tls->info().protocol, "TLSv1.2");
    EXPECT_FALSE(raw.is_open());
}

TEST_F(tls_handshake, has_words_for_each_error) {
    for (int value = 1; value <= static_cast<int>(tls_errc::failed); ++value) {
        EXPECT_NE(to_string(tls_errc{value}), "unknown");
        EXPECT_FALSE(make_error_code(tls_errc{value}).message().starts_with("unknown"));
    }
    EXPECT_EQ(to_string(tls_errc{99}), "unknown");
    EXPECT_EQ(certificate_words(10), "the peer's certificate was refused: it has expired; the peer must renew it");
    EXPECT_NE(certificate_words(95).find("95"), std::string::npos);
    EXPECT_NE((error_code{200, tls_alert_category()}).message().find("200"), std::string::npos);
}

} // namespace fairlead::test
