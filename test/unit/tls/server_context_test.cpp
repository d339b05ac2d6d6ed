// The files of a listener and of a client, checked when they are loaded.

#include "support/tls_certificates.hpp"
#include "support/tls_fixture.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::test {

namespace {

std::string refusal(const tls_server_options& options, std::time_t now = std::time(nullptr)) try {
    tls_server_context::load(options, {}, now);
    return "accepted";
} catch (const std::invalid_argument& refused) {
    EXPECT_EQ(ERR_peek_error(), 0u) << "an error of OpenSSL was left";
    return refused.what();
}

std::string refusal(const tls_client_options& options) try {
    tls_client_context::load(options);
    return "accepted";
} catch (const std::invalid_argument& refused) {
    EXPECT_EQ(ERR_peek_error(), 0u) << "an error of OpenSSL was left";
    return refused.what();
}

std::string refusal_of(const tls_certificate& files, std::time_t now = std::time(nullptr)) {
    return refusal(tls_server_options{.certificates = {files}}, now);
}

std::string named(const std::string& file, const std::string& why) {
    return "the TLS file '" + file + "' cannot be used: " + why;
}

std::string file_with(const std::string& name, const std::string& content) {
    const std::string path = tls_certificates::shared().root.chain_file() + '.' + name;
    std::ofstream{path} << content;
    return path;
}

const test_certificate& good() {
    return tls_certificates::shared().server;
}

} // namespace

TEST(tls_files, are_accepted_with_a_chain) {
    EXPECT_EQ(refusal_of(good().files()), "accepted");
}

TEST(tls_files, that_cannot_be_read_are_named) {
    EXPECT_EQ(refusal_of({"/nowhere/x.pem", good().key_file()}), named("/nowhere/x.pem", "No such file or directory"));
    EXPECT_EQ(refusal_of({good().chain_file(), "/nowhere/x.key"}),
              named("/nowhere/x.key", "No such file or directory"));
    EXPECT_EQ(refusal_of({"/tmp", good().key_file()}), named("/tmp", "it is a directory"));
    EXPECT_EQ(refusal_of({"/dev/zero", good().key_file()}), named("/dev/zero", "it is larger than 1 MiB"));
    EXPECT_EQ(refusal_of({good().chain_file(), ""}), "a TLS certificate needs two files: chain_file and key_file");
}

TEST(tls_files, with_something_else_are_named) {
    const std::string empty = file_with("empty", ""), text = file_with("text", "hello\n");
    EXPECT_EQ(refusal_of({empty, good().key_file()}), named(empty, "it has no certificate in PEM form"));
    EXPECT_EQ(refusal_of({text, good().key_file()}), named(text, "it has no certificate in PEM form"));
    EXPECT_EQ(refusal_of({good().chain_file(), text}), named(text, "it has no private key in PEM form"));
    EXPECT_EQ(refusal_of({good().key_file(), good().chain_file()}),
              named(good().key_file(), "it has no certificate in PEM form"));
    EXPECT_EQ(refusal_of({good().chain_file(), good().chain_file()}),
              named(good().chain_file(), "it has certificates and no private key; are the two files exchanged?"));
    std::string damaged = good().pem() + good().pem();
    damaged.insert(good().pem().size() + 100, "*");
    const std::string file = file_with("damaged", damaged);
    EXPECT_TRUE(refusal_of({file, good().key_file()}).starts_with(named(file, "certificate 2 in it is damaged: ")));
}

TEST(tls_files, with_a_key_under_a_pass_phrase_are_refused_with_the_remedy) {
    const std::string locked = good().encrypted_key_file();
    EXPECT_EQ(refusal_of({good().chain_file(), locked}),
              named(locked, "its key has a pass phrase; write one without by 'openssl pkey -in FILE -out NEW'"));
}

TEST(tls_files, with_a_certificate_under_a_pass_phrase_are_refused) {
    std::string locked = good().pem();
    locked.insert(locked.find('\n') + 1,
                  "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F\n\n");
    const std::string file = file_with("locked", locked);
    EXPECT_EQ(refusal_of({file, good().key_file()}),
              named(file, "certificate 1 in it has a pass phrase; write one without"));
}

TEST(tls_files, with_the_key_of_another_certificate_are_refused) {
    const test_certificate other{{}};
    EXPECT_EQ(
        refusal_of({good().chain_file(), other.key_file()}),
        named(other.key_file(), "its key does not belong to the first certificate in '" + good().chain_file() + "'"));
}

TEST(tls_files, are_refused_before_and_after_their_time) {
    const std::time_t now = std::time(nullptr);
    EXPECT_NE(refusal_of(good().files(), now + 7'200).find("'CN=echo' in it expired on 2"), std::string::npos)
        << refusal_of(good().files(), now + 7'200);
    EXPECT_NE(refusal_of(good().files(), now - 7'200).find("'CN=echo' in it is not valid before 2"), std::string::npos);
}

TEST(tls_files, with_a_chain_in_disorder_are_refused) {
    const tls_certificates& all = tls_certificates::shared();
    const std::string chain = file_with("disorder", all.server.pem() + all.root.pem() + all.between.pem());
    EXPECT_NE(refusal_of({chain, good().key_file()})
                  .find("certificate 2 in it, of 'CN=test root', is not the issuer of the one "
                        "before, which is 'CN=test issuer'"),
              std::string::npos)
        << refusal_of({chain, good().key_file()});
}

TEST(tls_server_options, are_checked) {
    EXPECT_NE(refusal(tls_server_options{}).find("certificates is empty"), std::string::npos);
    tls_server_options options{.certificates = {good().files()}};
    options.clients = client_certificate::required;
    EXPECT_NE(refusal(options).find("client_ca_file"), std::string::npos);
    options.client_ca_file = "/nowhere/ca.pem";
    EXPECT_EQ(refusal(options), named("/nowhere/ca.pem", "No such file or directory"));
    options.clients = client_certificate::none;
    EXPECT_NE(refusal(options).find("has no effect"), std::string::npos);
    options.client_ca_file = "";
    options.alpn = {std::string(256, 'x')};
    EXPECT_NE(refusal(options).find("has 256"), std::string::npos);
    options.alpn = {""};
    EXPECT_NE(refusal(options).find("1 to 255 bytes"), std::string::npos);
}

TEST(tls_client_options, are_checked) {
    EXPECT_EQ(refusal(tls_client_options{}), "accepted");
    EXPECT_EQ(refusal(tls_client_options{.ca_file = "/nowhere/ca.pem"}),
              named("/nowhere/ca.pem", "No such file or directory"));
    EXPECT_NE(
        refusal(tls_client_options{.ca_file = good().chain_file(), .accept_any_certificate = true}).find("no effect"),
        std::string::npos);
    tls_client_options options;
    options.certificate = tls_certificate{good().chain_file(), "/nowhere/x.key"};
    EXPECT_EQ(refusal(options), named("/nowhere/x.key", "No such file or directory"));
    const auto context = tls_client_context::load({});
    for (const std::string& host : {std::string{}, std::string{"."}, std::string(256, 'x'),
                                    std::string{".echo.example"}, std::string{"echo\0.example", 13}})
        EXPECT_THROW(context->make_ssl(host, "1"), std::invalid_argument) << host;
    EXPECT_TRUE(context->make_ssl(std::string(255, 'x') + '.', "1"));
}

} // namespace fairlead::test
