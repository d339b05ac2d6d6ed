#include "client_tls.hpp"

#include "has.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::command {

namespace {

client_tls client_of(std::vector<std::string> arguments) {
    CLI::App program;
    client_tls options;
    add_client_tls(program, options);
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    program.parse(arguments);
    return options;
}

std::string client_refusal(const std::vector<std::string>& arguments, const std::string& url) {
    try {
        static_cast<void>(client_of(arguments).settings({url}));
    } catch (const std::invalid_argument& why) {
        return why.what();
    }
    return "";
}

} // namespace

#ifdef FAIRLEAD_TLS
TEST(client_tls, is_passed_on) {
    const auto how = client_of({"--tls-ca", "ca.pem", "--tls-server-name", "echo.example", "--tls-certificate", "a.pem",
                                "--tls-key", "a.key", "--tls-min", "1.3", "--tls-alpn", "echo/2,echo/1"})
                         .settings({"tls+unix:///run/echo.sock"});
    EXPECT_EQ(how.ca_file, "ca.pem");
    EXPECT_EQ(how.server_name, "echo.example");
    ASSERT_TRUE(how.certificate);
    EXPECT_EQ(how.certificate->chain_file, "a.pem");
    EXPECT_EQ(how.certificate->key_file, "a.key");
    EXPECT_EQ(how.min_version, tls_version::v1_3);
    EXPECT_EQ(how.alpn, (std::vector<std::string>{"echo/2", "echo/1"}));
    EXPECT_FALSE(how.accept_any_certificate);
}

TEST(client_tls, verifies_unless_told_otherwise_and_then_warns) {
    testing::internal::CaptureStderr();
    EXPECT_FALSE(client_of({}).settings({"tls://localhost:1"}).accept_any_certificate);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    testing::internal::CaptureStderr();
    EXPECT_TRUE(client_of({"--tls-insecure"}).settings({"tls+unix:///run/x"}).accept_any_certificate);
    EXPECT_EQ(
        testing::internal::GetCapturedStderr(),
        "fairlead: WARNING: with --tls-insecure no certificate is verified: an attacker on the way to the server can "
        "read and change everything\n");
}

TEST(client_tls, is_refused_where_it_contradicts_itself) {
    const std::string url = "tls://localhost:1";
    EXPECT_TRUE(has(client_refusal({"--tls-certificate", "a.pem"}, url), "a certificate needs its key"));
    EXPECT_TRUE(has(client_refusal({"--tls-key", "a.key"}, url), "a certificate needs its key"));
    EXPECT_TRUE(has(client_refusal({"--tls-insecure", "--tls-ca", "ca.pem"}, url), "leave out one of them"));
    EXPECT_TRUE(has(client_refusal({}, "tls+unix:///run/x"), "with --tls-server-name"));
}

TEST(client_tls, is_refused_for_plain_text) {
    for (const char* const url : {"tcp://localhost:1", "unix:///run/x", "udp://localhost:1"})
        EXPECT_TRUE(has(client_refusal({"--tls-insecure"}, url), "--tls-insecure is for TLS, and " + std::string{url}));
    EXPECT_EQ(client_refusal({}, "tcp://localhost:1"), "");
}

TEST(client_tls, is_for_those_of_several_urls_that_have_it) {
    EXPECT_EQ(client_of({"--tls-ca", "ca.pem"}).settings({"tcp://localhost:1", "tls://localhost:2"}).ca_file, "ca.pem");
}
#else
TEST(client_tls, is_refused_in_a_build_without_tls) {
    EXPECT_TRUE(has(client_refusal({}, "tls://localhost:1"), "tls://localhost:1 needs TLS, and this build"));
    EXPECT_TRUE(has(client_refusal({"--tls-insecure"}, "tcp://localhost:1"), "--tls-insecure needs TLS"));
}
#endif

} // namespace fairlead::command
