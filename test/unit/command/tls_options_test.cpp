#include "tls_options.hpp"

#include "has.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::command {

namespace {

using namespace std::chrono_literals;

const std::vector<std::string> secure_url{"tls://127.0.0.1:0"};
const std::vector<std::string> plain_url{"tcp://127.0.0.1:0"};

tls_options parsed(std::vector<std::string> arguments) {
    CLI::App program;
    tls_options options;
    add_tls_options(program, options);
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    program.parse(arguments);
    return options;
}

tls_options with_certificate(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--tls-certificate", "a.pem", "--tls-key", "a.key"});
    return parsed(more);
}

std::string server_refusal(const tls_options& options, const std::vector<std::string>& urls) {
    try {
        static_cast<void>(options.settings(urls));
    } catch (const std::invalid_argument& why) {
        return why.what();
    }
    return "";
}

} // namespace

#ifdef FAIRLEAD_TLS
TEST(tls_options, pair_certificates_and_keys_in_their_order) {
    const auto how = with_certificate({"--tls-certificate", "b.pem", "--tls-key", "b.key"}).settings(secure_url);
    ASSERT_EQ(how.certificates.size(), 2u);
    EXPECT_EQ(how.certificates[0].key_file, "a.key");
    EXPECT_EQ(how.certificates[1].chain_file, "b.pem");
    EXPECT_EQ(how.certificates[1].key_file, "b.key");
}

TEST(tls_options, are_passed_on) {
    const auto how = with_certificate({"--tls-min", "1.3", "--tls-alpn", "echo/2,echo/1", "--tls-handshake-timeout",
                                       "3s", "--tls-max-handshakes", "7", "--tls-handshake-rate", "9"})
                         .settings({"unix:///run/echo.sock", "tls+unix:///run/tls.sock"});
    EXPECT_EQ(how.min_version, tls_version::v1_3);
    EXPECT_EQ(how.alpn, (std::vector<std::string>{"echo/2", "echo/1"}));
    EXPECT_EQ(how.handshake_timeout, 3s);
    EXPECT_EQ(how.max_handshakes, 7u);
    EXPECT_EQ(how.handshakes_per_second, 9u);
    EXPECT_EQ(how.clients, client_certificate::none);
    EXPECT_EQ(with_certificate().settings(secure_url).min_version, tls_version::v1_2);
}

TEST(tls_options, require_client_certificates_where_their_issuers_are_named) {
    EXPECT_EQ(with_certificate({"--tls-client-ca", "ca.pem"}).settings(secure_url).clients,
              client_certificate::required);
    EXPECT_EQ(with_certificate({"--tls-client-ca", "ca.pem", "--tls-client-certificate", "optional"})
                  .settings(secure_url)
                  .clients,
              client_certificate::optional);
    EXPECT_TRUE(has(server_refusal(with_certificate({"--tls-client-certificate", "required"}), secure_url),
                    "with --tls-client-ca"));
}

TEST(tls_options, are_refused_where_they_are_incomplete) {
    EXPECT_TRUE(has(server_refusal(parsed({}), {"tcp://127.0.0.1:0", "tls://127.0.0.1:0"}),
                    "tls://127.0.0.1:0 needs a certificate and its key"));
    EXPECT_TRUE(has(server_refusal(parsed({"--tls-certificate", "a.pem"}), secure_url),
                    "1 certificate and no key are given; give each"));
}

TEST(tls_options, are_refused_without_a_listener_for_them) {
    for (const char* const given : {"--tls-certificate", "--tls-key", "--tls-client-ca", "--tls-alpn"})
        EXPECT_TRUE(has(server_refusal(parsed({given, "x"}), plain_url),
                        given + std::string{" is for TLS, and tcp://127.0.0.1:0 is not; write tls://HOST:PORT"}));
    EXPECT_TRUE(
        has(server_refusal(parsed({"--tls-max-handshakes", "1"}), plain_url), "--tls-max-handshakes is for TLS"));
    EXPECT_TRUE(has(server_refusal(parsed({"--tls-min", "1.2"}), plain_url), "--tls-min is for TLS"));
}
#else
TEST(tls_options, are_refused_in_a_build_without_tls) {
    EXPECT_TRUE(has(server_refusal(with_certificate(), plain_url), "--tls-certificate needs TLS, and this build"));
    EXPECT_TRUE(has(server_refusal(parsed({}), secure_url), "tls://127.0.0.1:0 needs TLS, and this build"));
}
#endif

TEST(tls_options, change_nothing_where_none_is_given) {
    EXPECT_TRUE(parsed({}).settings(plain_url).certificates.empty());
    EXPECT_TRUE(parsed({}).files().empty());
}

TEST(tls_options, name_all_files_that_are_read) {
    EXPECT_EQ(with_certificate({"--tls-client-ca", "ca.pem"}).files(),
              (std::vector<std::string>{"a.pem", "a.key", "ca.pem"}));
}

TEST(tls_options, refuse_empty_values) {
    for (const char* const option : {"--tls-certificate", "--tls-key", "--tls-client-ca", "--tls-alpn"})
        EXPECT_THROW(parsed({option, ""}), CLI::ParseError) << option;
}

TEST(tls_options, refuse_values_that_do_not_exist) {
    EXPECT_THROW(parsed({"--tls-min", "1.1"}), CLI::ParseError);
    EXPECT_THROW(parsed({"--tls-client-certificate", "perhaps"}), CLI::ParseError);
    EXPECT_THROW(parsed({"--tls-max-handshakes", "-1"}), CLI::ParseError);
}

} // namespace fairlead::command
