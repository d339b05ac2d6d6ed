// The program of docs/udp.md.
#define main udp_main
#include <fairlead/fairlead.hpp>

#include <iostream>

// Called once for each datagram.
void shout_back(fairlead::bytes_view datagram, fairlead::peer& from) {
    from.send(fairlead::to_upper(datagram));
}

// Runs once for each remote address.
boost::asio::awaitable<void> count_datagrams(fairlead::session& visitor) {
    int number = 0;
    while (const auto datagram = co_await visitor.receive())
        visitor.send(std::to_string(++number) + ": " + to_string(*datagram));
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto shouting = server.listen(argc > 1 ? argv[1] : "udp://127.0.0.1:9000", shout_back);
    const auto counting = server.listen(argc > 2 ? argv[2] : "udp://127.0.0.1:9001", count_datagrams);
    std::cout << "listening " << shouting.to_string() << " and " << counting.to_string() << std::endl;
    return server.run();
}
#undef main

#include "docs/program_run.hpp"

#include <functional>
#include <thread>

void compute(const std::string& question, std::function<void(const std::string&)> tell) {
    std::thread{[question, tell = std::move(tell)] { tell("the answer to " + question); }}.join();
}

// The answer is computed elsewhere, and sent when it is there.
void answer_later(fairlead::bytes_view question, fairlead::peer& from) {
    compute(to_string(question), [to = from.handle()](const std::string& answer) { to.send(answer); });
}

// Subscribers have proved that they receive at their address: they sent back the number that was sent there.
void publish(const fairlead::server& server, const fairlead::endpoint& listener,
             const std::vector<fairlead::endpoint>& subscribers, const std::string& news) {
    const fairlead::udp_sender out = server.sender(listener);
    for (const fairlead::endpoint& each : subscribers)
        out.known_peer(each).send(news);
}

namespace fairlead::test {

namespace {

boost::asio::awaitable<void> exchange_datagrams(shard& home, std::string address, texts sent, texts& replies) {
    const auto connected = co_await udp_client::connect(home, address);
    for (const std::string& each : sent) {
        connected.value()->send(each);
        const auto reply = co_await connected.value()->receive(std::chrono::seconds(20));
        replies.push_back(reply ? to_string(*reply) : reply.error().message());
    }
}

} // namespace

TEST(udp_page, serves_datagrams_by_both_kinds_of_handlers) {
    server server;
    const std::string shouting = server.listen("udp://127.0.0.1:0", shout_back).to_string();
    const std::string counting = server.listen("udp://127.0.0.1:0", count_datagrams).to_string();
    server_run running{server};
    runtime home{1};
    texts replies;
    home.run(exchange_datagrams(home[0], shouting, {"ahoy"}, replies));
    home.run(exchange_datagrams(home[0], counting, {"a", "b"}, replies));
    EXPECT_EQ(replies, (texts{"AHOY", "1: a", "2: b"}));
}

namespace {

boost::asio::awaitable<void> subscribe(shard& home, const server& from, endpoint listener, texts& received) {
    const auto connected = co_await udp_client::connect(home, listener.to_string());
    const auto& subscriber = connected.value();
    subscriber->send("ahoy");
    const auto reply = co_await subscriber->receive(std::chrono::seconds(20));
    received.push_back(reply ? to_string(*reply) : reply.error().message());
    const std::vector<endpoint> subscribers{subscriber->local()};
    publish(from, listener, subscribers, "news");
    const auto news = co_await subscriber->receive(std::chrono::seconds(20));
    received.push_back(news ? to_string(*news) : news.error().message());
}

} // namespace

TEST(udp_page, replies_later_and_sends_without_being_asked) {
    server server;
    const endpoint listener = server.listen("udp://127.0.0.1:0", answer_later);
    server_run running{server};
    runtime home{1};
    texts received;
    home.run(subscribe(home[0], server, listener, received));
    EXPECT_EQ(received, (texts{"the answer to ahoy", "news"}));
}

} // namespace fairlead::test
