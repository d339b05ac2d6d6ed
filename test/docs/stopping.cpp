// The program of docs/stopping.md.
#define main stopping_main
#include <fairlead/fairlead.hpp>

#include <iostream>

using namespace std::chrono_literals;

boost::asio::awaitable<void> chat(fairlead::session& visitor) {
    for (;;) {
        const auto message = co_await visitor.receive();
        if (message) {
            visitor.send("you said " + to_string(*message));
        } else if (message.error() == fairlead::errc::stopping) {
            visitor.send("the server stops, goodbye"); // send still works
            co_return;                                 // sends the queued messages, then closes the connection
        } else {
            co_return; // the peer has ended the connection, or has missed a deadline
        }
    }
}

int main(int argc, char** argv) {
    fairlead::server_options options;
    options.limits.drain_timeout = 5s; // time for the handlers to finish, and to linger
    fairlead::server server{options};
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, chat);
    std::cout << "listening " << address.to_string() << std::endl;
    const int status = server.run(); // returns after SIGINT or SIGTERM, when all sessions have ended
    std::cout << "served " << server.statistics().accepted << " sessions\n";
    return status;
}
#undef main

#include "docs/program_run.hpp"

// A handler that stops its server.
class administrator {
public:
    explicit administrator(fairlead::server& server) : server_{server} {}

    void operator()(fairlead::bytes_view message, fairlead::peer& from) {
        if (message != "stop")
            return;
        from.send("stopping");
        server_.stop(); // from any thread, also in a handler; returns at once
    }

private:
    fairlead::server& server_;
};

// Stops a server on a shared runtime.
boost::asio::awaitable<void> stop_and_report(fairlead::server& front) {
    front.stop();
    const fairlead::drain_result ended = co_await front.drained();
    std::cout << ended.finished << " sessions finished, " << ended.cut_off << " were cut off\n";
}

// Sends a number every 100 ms, and ends early when the server stops or the peer is gone.
boost::asio::awaitable<void> count_down(fairlead::session& visitor) {
    for (int left = 3; left > 0; --left) {
        visitor.send(std::to_string(left));
        if (const auto written = co_await visitor.flush(); !written)
            co_return;
        const auto message = co_await visitor.receive(100ms); // a pause that a stop ends
        if (!message && message.error() != fairlead::errc::timed_out)
            co_return;
    }
}

namespace fairlead::test {

TEST(stopping_page, says_goodbye_to_open_sessions) {
    program_run program{stopping_main};
    EXPECT_EQ(program.ask(line{}, {"hi"}), texts{"you said hi"});
    std::vector<std::string> last;
    runtime home{1};
    const auto stay = [&]() -> boost::asio::awaitable<void> {
        const auto connected = co_await connect(home[0], program.url(), line());
        const auto visit = connected.value();
        visit->send("hi");
        const auto reply = co_await visit->receive();
        EXPECT_TRUE(reply);
        ::kill(::getpid(), SIGTERM);
        const auto goodbye = co_await visit->receive();
        last.push_back(to_string(goodbye.value()));
        co_await visit->close_gracefully();
    };
    home.run(stay());
    EXPECT_EQ(last, texts{"the server stops, goodbye"});
    EXPECT_EQ(program.wait(), 0);
}

TEST(stopping_page, lets_a_handler_stop_its_server) {
    server server;
    const std::string url = server.listen("tcp://127.0.0.1:0", line{}, administrator{server}).to_string();
    server_run running{server};
    EXPECT_EQ(ask(url, line{}, {"stop"}), texts{"stopping"});
    EXPECT_EQ(running.wait(), 0);
}

TEST(stopping_page, waits_for_the_sessions_of_a_shared_runtime) {
    runtime threads{1};
    server front{threads};
    front.listen("tcp://127.0.0.1:0", line{}, echo());
    front.start();
    threads.run(stop_and_report(front));
}

TEST(stopping_page, ends_a_pause_of_a_handler) {
    server server;
    const std::string url = server.listen("tcp://127.0.0.1:0", line{}, count_down).to_string();
    server_run running{server};
    EXPECT_EQ(ask(url, line{}, {"go"}).at(0), "3");
}

} // namespace fairlead::test
