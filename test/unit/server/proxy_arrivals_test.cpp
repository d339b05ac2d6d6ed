#include "server/proxy_arrivals.hpp"

#include "core/unique_descriptor.hpp"
#include "proxy/proxy_header.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/testkit/manual_clock.hpp>

#include <cerrno>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

std::function<void()> before_poll; // called once

} // namespace

// In place of the system's, so that something can happen between two looks at a socket.
extern "C" int poll(::pollfd* sockets, ::nfds_t count, int milliseconds) {
    if (const auto act = std::exchange(before_poll, nullptr))
        act();
    const ::timespec limit{milliseconds / 1'000, milliseconds % 1'000 * 1'000'000};
    return ::ppoll(sockets, count, milliseconds < 0 ? nullptr : &limit, nullptr);
}

namespace fairlead::test {

namespace {

const endpoint the_proxy = endpoint::parse("tcp://10.0.0.9:1000");
const endpoint a_stranger = endpoint::parse("tcp://192.0.2.1:1000");
const proxied_connection announced{endpoint::parse("tcp://203.0.113.7:5000"),
                                   endpoint::parse("tcp://198.51.100.1:443")};

std::string read_what_is_there(int socket) {
    char bytes[256];
    const ssize_t got = ::recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
    return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string{};
}

/// Both ends of a connection over TCP.
std::pair<unique_descriptor, unique_descriptor> connected_pair() {
    const unique_descriptor listening{::socket(AF_INET, SOCK_STREAM, 0)};
    EXPECT_EQ(::listen(listening.get(), 1), 0); // at any port
    ::sockaddr_in address{};
    ::socklen_t size = sizeof address;
    ::getsockname(listening.get(), reinterpret_cast<::sockaddr*>(&address), &size);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    unique_descriptor near{::socket(AF_INET, SOCK_STREAM, 0)};
    EXPECT_EQ(::connect(near.get(), reinterpret_cast<::sockaddr*>(&address), size), 0);
    return {std::move(near), unique_descriptor{::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK)}};
}

/// The proxy's end of a connection.
class proxy_end {
public:
    explicit proxy_end(int socket) : socket_{socket} {}

    void write(std::string_view bytes) {
        EXPECT_EQ(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    void end_writing() { ::shutdown(socket_.get(), SHUT_WR); }
    bool is_closed() const {
        char byte = 0;
        return ::recv(socket_.get(), &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
    }

private:
    unique_descriptor socket_;
};

/// Connections to a listener that trusts 10.0.0.0/8, whose time a test passes.
class arrivals_of_proxies : public ::testing::Test {
protected:
    arrivals_of_proxies() { admitted.set_most(100); }
    ~arrivals_of_proxies() override {
        arrivals.end();
        admitted.close();
    }

    struct taken_connection {
        endpoint remote, transport_remote;
        proxy_info info;
        std::string behind; // the header
    };

    proxy_end arrive(const endpoint& from = the_proxy, std::string_view first_bytes = {}) {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        proxy_end made{ends[0]};
        if (!first_bytes.empty())
            made.write(first_bytes);
        arrivals.receive({unique_descriptor{ends[1]}, from}, admitted.hold(*door));
        return made;
    }

    void poll() { home[0].poll(); }

    runtime home{1};
    testkit::manual_clock clock{home[0]};
    admission admitted{[] {}};
    const std::unique_ptr<admission::listener> door{admitted.add({.max_sessions = 2})};
    std::vector<taken_connection> taken;
    std::vector<std::string> refused;
    proxy_arrivals arrivals{
        core_of(home[0]),
        {.options = {.trusted = {address_range::parse("10.0.0.0/8")}},
         .take =
             [this](arrival one, admission::permit held) {
                 taken.push_back(
                     {one.remote(), one.transport_remote, one.proxied->info, read_what_is_there(one.socket.get())});
                 EXPECT_TRUE(held.is_at(*door));
             },
         .on_refused = [this](const endpoint& from,
                              std::string_view why) { refused.push_back(from.to_string() + " " + std::string{why}); }}};
};

} // namespace

TEST_F(arrivals_of_proxies, are_handed_on_with_the_announced_address_and_the_bytes_behind_the_header) {
    for (const auto version : {proxy_version::v1, proxy_version::v2}) {
        taken.clear();
        const auto proxy = arrive(the_proxy, encode_proxy_header(version, announced) + "hello");
        ASSERT_EQ(taken.size(), 1u) << "a header that is there needs no turn of its own";
        EXPECT_EQ(taken[0].remote, announced.source);
        EXPECT_EQ(taken[0].transport_remote, the_proxy);
        EXPECT_EQ(taken[0].info.destination, announced.destination);
        EXPECT_EQ(taken[0].behind, "hello");
    }
    EXPECT_EQ(arrivals.refused().value(), 0u);
}

TEST_F(arrivals_of_proxies, may_have_a_header_that_comes_byte_by_byte) {
    for (const auto version : {proxy_version::v1, proxy_version::v2}) {
        taken.clear();
        auto proxy = arrive();
        const std::string header = encode_proxy_header(version, announced);
        for (const char byte : header) {
            poll();
            EXPECT_TRUE(taken.empty());
            proxy.write({&byte, 1});
        }
        poll();
        ASSERT_EQ(taken.size(), 1u);
        EXPECT_EQ(taken[0].remote, announced.source);
        EXPECT_EQ(taken[0].behind, "");
    }
}

TEST_F(arrivals_of_proxies, may_have_a_header_in_two_parts_with_bytes_behind_the_second) {
    const std::string header = encode_proxy_header(proxy_version::v2, announced);
    for (std::size_t cut = 1; cut < header.size(); ++cut) {
        taken.clear();
        auto proxy = arrive(the_proxy, header.substr(0, cut));
        EXPECT_TRUE(taken.empty());
        proxy.write(header.substr(cut) + "hello");
        poll();
        ASSERT_EQ(taken.size(), 1u) << cut;
        EXPECT_EQ(taken[0].behind, "hello");
    }
}

TEST_F(arrivals_of_proxies, keep_the_real_address_if_the_proxy_speaks_for_itself) {
    for (const auto version : {proxy_version::v1, proxy_version::v2}) {
        taken.clear();
        const auto proxy = arrive(the_proxy, encode_proxy_header(version, std::nullopt) + "hello");
        ASSERT_EQ(taken.size(), 1u);
        EXPECT_EQ(taken[0].remote, the_proxy);
        EXPECT_EQ(taken[0].info.destination, endpoint{});
        EXPECT_EQ(taken[0].behind, "hello");
    }
}

TEST_F(arrivals_of_proxies, from_other_addresses_are_refused_whatever_they_send) {
    const auto stranger = arrive(a_stranger, encode_proxy_header(proxy_version::v2, announced));
    EXPECT_TRUE(taken.empty());
    EXPECT_TRUE(stranger.is_closed());
    EXPECT_EQ(refused,
              (std::vector<std::string>{"tcp://192.0.2.1:1000 it is not one of the trusted proxies (--proxy-from)"}));
    EXPECT_EQ(arrivals.refused().value(), 1u);
}

TEST_F(arrivals_of_proxies, without_a_header_are_refused_at_once) {
    auto proxy = arrive();
    proxy.write("GET / HTTP/1.1\r\n");
    poll();
    EXPECT_TRUE(proxy.is_closed());
    EXPECT_EQ(refused, (std::vector<std::string>{"tcp://10.0.0.9:1000 the bytes do not begin with a PROXY header"}));
    EXPECT_EQ(arrivals.refused().value(), 1u);
    EXPECT_EQ(door->active(), 0u);
}

TEST_F(arrivals_of_proxies, have_a_deadline_for_the_header) {
    auto silent = arrive();
    auto stalls = arrive(the_proxy, "PROXY TCP4");
    clock.advance(2'900ms);
    EXPECT_TRUE(refused.empty());
    clock.advance(200ms);
    ASSERT_EQ(refused.size(), 2u);
    EXPECT_EQ(refused.back(), "tcp://10.0.0.9:1000 its PROXY header did not come in time");
    EXPECT_TRUE(silent.is_closed());
    EXPECT_TRUE(stalls.is_closed());
    EXPECT_EQ(door->active(), 0u);
}

TEST_F(arrivals_of_proxies, that_send_on_do_not_move_the_deadline) {
    auto stalls = arrive(the_proxy, "PROXY");
    clock.advance(2'000ms);
    stalls.write(" TCP4");
    clock.advance(1'100ms);
    EXPECT_EQ(refused.size(), 1u);
}

TEST_F(arrivals_of_proxies, that_end_inside_the_header_are_refused) {
    auto ends = arrive(the_proxy, "PROXY TCP4");
    ends.end_writing();
    poll();
    EXPECT_EQ(refused, (std::vector<std::string>{"tcp://10.0.0.9:1000 it has ended inside its PROXY header"}));
}

TEST_F(arrivals_of_proxies, that_end_behind_a_whole_header_are_handed_on_also_when_both_come_during_a_look) {
    const std::string header = encode_proxy_header(proxy_version::v2, announced);
    auto proxy = arrive();
    proxy.write(header.substr(0, 20));
    before_poll = [&] { // between the looks for bytes and for the end
        proxy.write(header.substr(20));
        proxy.end_writing();
    };
    poll();
    EXPECT_FALSE(before_poll);
    EXPECT_EQ(refused, std::vector<std::string>{});
    EXPECT_EQ(taken.size(), 1u);
}

TEST_F(arrivals_of_proxies, that_are_reset_inside_the_header_are_refused) {
    for (const std::string sent : {"", "PROXY TCP4"}) {
        auto [proxy, accepted] = connected_pair();
        arrivals.receive({std::move(accepted), the_proxy}, admitted.hold(*door));
        EXPECT_EQ(::send(proxy.get(), sent.data(), sent.size(), 0), static_cast<ssize_t>(sent.size()));
        poll();
        const ::linger reset{1, 0};
        ::setsockopt(proxy.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        proxy.reset();
        poll();
        EXPECT_EQ(door->active(), 0u);
    }
    EXPECT_EQ(refused, (std::vector<std::string>{"tcp://10.0.0.9:1000 it has ended inside its PROXY header"}));
    EXPECT_EQ(arrivals.refused().value(), 1u);
}

TEST_F(arrivals_of_proxies, that_end_without_a_byte_are_checks_and_no_faults) {
    auto waits = arrive();
    waits.end_writing();
    poll();
    EXPECT_TRUE(waits.is_closed());
    EXPECT_TRUE(refused.empty());
    EXPECT_EQ(arrivals.refused().value(), 0u);
    EXPECT_EQ(door->active(), 0u);
}

TEST_F(arrivals_of_proxies, count_for_the_limit_of_sessions_before_their_header) {
    const auto one = arrive();
    const auto other = arrive();
    EXPECT_FALSE(admitted.has_capacity(*door));
    EXPECT_EQ(door->accepted(), 0u);
    arrivals.end();
    EXPECT_TRUE(admitted.has_capacity(*door));
    EXPECT_TRUE(one.is_closed());
    EXPECT_TRUE(refused.empty());
}

TEST_F(arrivals_of_proxies, tell_what_the_proxy_knows_of_the_client) {
    using namespace std::literals;
    const std::string content = "\xCB\x00\x71\x07\xC6\x33\x64\x01\x13\x88\x01\xBB" // the addresses and ports
                                "\x01\x00\x02h2"                                   // ALPN
                                "\x02\x00\x05"
                                "a\nb.c"                           // AUTHORITY
                                "\x05\x00\x02id"                   // UNIQUE_ID
                                "\x20\x00\x15\x03\x00\x00\x00\x00" // SSL, with a certificate, verified
                                "\x21\x00\x07TLSv1.3\x22\x00\x03"
                                "ann"s; // its version, and the common name
    const std::string header = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0"s + static_cast<char>(content.size()) + content;
    const auto proxy = arrive(the_proxy, header);
    ASSERT_EQ(taken.size(), 1u);
    const proxy_info& info = taken[0].info;
    EXPECT_EQ(taken[0].remote, announced.source);
    EXPECT_EQ(info.alpn, "h2");
    EXPECT_EQ(info.authority, "a\\nb.c") << "texts are escaped";
    EXPECT_EQ(info.unique_id, "id");
    ASSERT_TRUE(info.tls);
    EXPECT_EQ(info.tls->version, "TLSv1.3");
    EXPECT_EQ(info.tls->client_common_name, "ann");
    EXPECT_TRUE(info.tls->client_has_certificate);
    EXPECT_TRUE(info.tls->certificate_is_verified);
}

} // namespace fairlead::test
