#include "nats/nats_servers.hpp"

#include <gtest/gtest.h>
#include <set>
#include <stdexcept>
#include <string>

namespace fairlead::test {

TEST(nats_servers, are_read_from_urls_with_commas) {
    const auto servers = parse_nats_servers("nats://127.0.0.1,tls://joe:p@ss@broker.example:4333,nats://[::1]:5000/");
    ASSERT_EQ(servers.size(), 3u);
    EXPECT_EQ(servers[0], (nats_server{"", "127.0.0.1:4222", false}));
    EXPECT_EQ(servers[1], (nats_server{"joe:p@ss@", "broker.example:4333", true}));
    EXPECT_EQ(servers[2], (nats_server{"", "[::1]:5000", false}));
    EXPECT_EQ(servers[1].host(), "broker.example");
    EXPECT_EQ(servers[2].host(), "::1");
}

TEST(nats_servers, are_refused_with_the_right_form_and_without_the_password) {
    for (const char* each :
         {"", "127.0.0.1:4222", "http://127.0.0.1", "nats://", "nats://joe:secret@", "nats://a:b",
          "nats://joe:secret@a:70000", "nats://a:0", "nats://a,", "nats://a b", "tls://joe:secret@:1"}) {
        try {
            parse_nats_servers(each);
            ADD_FAILURE() << each << " was accepted";
        } catch (const std::invalid_argument& refused) {
            EXPECT_EQ(std::string{refused.what()}.find("secret"), std::string::npos) << refused.what();
        }
    }
}

TEST(nats_server_list, goes_round_and_takes_up_what_the_cluster_announces) {
    nats_server_list list{parse_nats_servers("nats://joe:secret@a:1,nats://b:2"), 1};
    EXPECT_EQ(list.next().address, "b:2");
    EXPECT_EQ(list.next().address, "a:1");
    list.add("nats://c:3");
    list.add("nats://a:1");
    list.add("what is this");
    std::set<std::string> found;
    for (int each = 0; each < 3; ++each)
        found.insert(list.next().url());
    EXPECT_EQ(found, (std::set<std::string>{"nats://joe:secret@a:1", "nats://b:2", "nats://joe:secret@c:3"}));
}

TEST(nats_server_list, ends_at_its_limit) {
    nats_server_list list{parse_nats_servers("nats://a:1"), 0};
    for (int port = 1; port <= 1'000; ++port)
        list.add("nats://b:" + std::to_string(port));
    std::set<std::string> found;
    for (int each = 0; each < 1'000; ++each)
        found.insert(list.next().address);
    EXPECT_EQ(found.size(), nats_server_list::most);
}

} // namespace fairlead::test
