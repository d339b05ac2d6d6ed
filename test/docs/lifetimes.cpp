// The program of docs/lifetimes.md.
#define main lifetimes_main
#include <fairlead/fairlead.hpp>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>
#include <map>
#include <string>

using visits = std::map<std::string, int>;

boost::asio::awaitable<void> count_visits(fairlead::session& visitor, visits& counted, fairlead::client& audit) {
    while (const auto message = co_await visitor.receive()) {
        const std::string name = to_string(*message); // a copy: the next receive invalidates the view
        const int count = ++counted[name];
        const auto noted = co_await audit.send(name, std::chrono::seconds(1));
        visitor.send(std::to_string(count) + (noted ? "" : ", not noted"));
    }
}

boost::asio::awaitable<void> wait_for_signal(fairlead::shard& shard, fairlead::server& front) {
    boost::asio::signal_set signals{shard.get_executor(), SIGINT, SIGTERM};
    co_await signals.async_wait(boost::asio::use_awaitable);
    front.stop();
    co_await front.drained();
}

int main(int argc, char** argv) {
    visits counted;               // 1: outlives the runtime, so it outlives every handler
    fairlead::runtime runtime{1}; // 2: outlives the objects made on its shards
    fairlead::client audit{runtime[0], argc > 2 ? argv[2] : "tcp://127.0.0.1:9001", fairlead::line{}}; // 3
    fairlead::server front{runtime}; // 4: destroyed first
    const auto handler = [&](fairlead::session& visitor) { return count_visits(visitor, counted, audit); };
    const auto address = front.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, handler);
    front.start();
    std::cout << "listening " << address.to_string() << std::endl;
    runtime.run(wait_for_signal(runtime[0], front));
    return 0;
}
#undef main

#include "docs/program_run.hpp"

namespace fairlead::test {

TEST(lifetimes_page, counts_visits_and_notes_them) {
    server notes;
    const std::string url = notes.listen("tcp://127.0.0.1:0", line{}, [](bytes_view, peer&) {}).to_string();
    server_run running{notes};
    program_run program{lifetimes_main, {url}};
    EXPECT_EQ(program.ask(line{}, {"Ann", "Ann", "Bo"}), (texts{"1", "2", "1"}));
    EXPECT_EQ(program.stop(), 0);
}

} // namespace fairlead::test
