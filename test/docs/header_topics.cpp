// The examples of topics, as in the headers.
// clang-format off

#include "docs/header_examples.hpp"

#include <fairlead/nats.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

using namespace std::literals;

namespace fairlead::docs {

namespace {

topics rooms{{.counted = {"room"}, .on_presence = [](const presence& event) {
                  if (event.change == presence::kind::joined)
                      log(std::string{event.name} + " joined " + std::string{event.topic});
              }}};

void subscribe_to_topics(topics& prices, peer& from) {
    prices.subscribe(from, "price/EURUSD", {.when_slow = slow_subscriber::keep_latest});
    if (const auto joined = rooms.subscribe(from, "room/1", {.name = "Ann"}); !joined)
        from.send(joined.error().message());
    rooms.publish("room/1", "Ann: hello");
    for (const std::string& each : rooms.names("room/1"))
        from.send(each);
}

[[maybe_unused]] void start_topics() {
    topics rooms;                           // before the server: it outlives the sessions
    server server;
    server.listen("tcp://127.0.0.1:9000", line{}, [&rooms](bytes_view message, peer& from) {
        rooms.subscribe(from, "room/1");
        rooms.publish("room/1", message);
    });

    rooms.count_in(server.metrics());
    rooms.start(server.shards()[0]);
    rooms.publish_here("room/1", "* messages may be missing");
}

std::string use_nats_options() {
    const nats_options options{.credentials_file = "/etc/chat/chat.creds", .ca_file = "/etc/chat/ca.pem"};
    return options.subject_prefix;
}

[[maybe_unused]] bool use_nats() { // where Fairlead is built with it
    const std::shared_ptr<topic_bridge> bridge = nats("nats://127.0.0.1:4222", {.name = "chat"});
    return bridge != nullptr;
}

} // namespace

TEST(examples_of_headers, show_topics) {
    noted.clear();
    shard home;
    auto [near, far] = testkit::make_memory_stream(home);
    auto session = session::create(home, std::move(near), line{});
    {
        topics prices;
        subscribe_to_topics(prices, *session);
        EXPECT_EQ(prices.subscribers("price/EURUSD"), 1U);
        prices.unsubscribe(*session, "price/EURUSD");
    }
    home.poll();
    EXPECT_EQ(noted, std::vector<std::string>{"Ann joined room/1"});
    EXPECT_EQ(far.received(), "Ann\nAnn: hello\n");
    session->close();
}

TEST(examples_of_headers, show_options_of_nats) {
    EXPECT_EQ(use_nats_options(), "fairlead.");
}

} // namespace fairlead::docs
