// A PROXY header before TLS.

#include "integration/support/client.hpp"
#include "integration/support/proxies.hpp"
#include "integration/support/tls_server.hpp"

#include <fairlead/connect.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <utility>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

class proxied_tls_sessions : public over_tls {
protected:
    listen_options how() const {
        listen_options options = behind_local_proxies();
        options.tls = server_tls();
        return options;
    }
    connect_options through_proxy(proxy_version version) const {
        connect_options options = client_tls();
        options.proxy = proxy_client_options{.version = version,
                                             .source = endpoint::parse("tcp://203.0.113.7:5000"),
                                             .destination = endpoint::parse("tcp://198.51.100.1:443")};
        return options;
    }
};

} // namespace

TEST_F(proxied_tls_sessions, begin_behind_the_header) {
    running_server server{line{}, tell_addresses, test_options(), "tls://127.0.0.1:0", how()};
    for (const auto version : {proxy_version::v1, proxy_version::v2})
        EXPECT_EQ(ask(server.where(), "hello", through_proxy(version)),
                  "hello from tcp://203.0.113.7:5000 to tcp://198.51.100.1:443 via 127.0.0.1");
    EXPECT_EQ(server.server().statistics().tls_handshakes, 2u);
}

TEST_F(proxied_tls_sessions, do_not_begin_without_the_header) {
    running_server server{line{}, tell_addresses, test_options(), "tls://127.0.0.1:0", how()};
    const std::string said = ask(server.where(), "hello");
    EXPECT_EQ(said.find("hello from"), std::string::npos) << said;
    EXPECT_EQ(server.server().statistics().refused_for_proxy, 1u);
    EXPECT_EQ(server.server().statistics().tls_handshakes, 0u);
}

} // namespace fairlead::test
