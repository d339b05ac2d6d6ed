// The program of docs/limits.md.
#define main limits_main
#include <fairlead/fairlead.hpp>

#include <iostream>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
    fairlead::server_options options;
    options.buffer_budget = 64 * 1024 * 1024; // bytes in the buffers of all sessions
    options.limits.max_sessions = 500;        // more connections wait in the backlog
    options.limits.max_sessions_per_address = 20;
    options.limits.first_message_timeout = 5s;
    options.limits.idle_timeout = 5min;

    fairlead::server server{options};
    const fairlead::line commands{{.max_message = 512}}; // the framing limits the size of a message
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", commands, fairlead::uppercase());
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
#undef main

#include "docs/program_run.hpp"

#include <atomic>
#include <memory>

// Gives out so many places at one time.
class gate {
public:
    explicit gate(int places) : free_{places} {}

    // A place, which is given back when the last copy is destroyed; null if there is none.
    std::shared_ptr<void> enter() {
        if (--free_ >= 0)
            return {this, [this](void*) { ++free_; }};
        ++free_;
        return nullptr;
    }

private:
    std::atomic<int> free_;
};

boost::asio::awaitable<void> run_reports(fairlead::session& visitor, gate& entrance) {
    while (const auto request = co_await visitor.receive()) {
        const auto place = entrance.enter();
        if (!place) {
            visitor.send("busy, try again later");
            continue;
        }
        const std::string name = to_string(*request);
        const auto work = [&name] { return "report of " + name; };
        visitor.send(co_await visitor.shard().blocking(work));
    }
}

// A visitor has 5 seconds for the password, then an hour between two messages.
boost::asio::awaitable<void> log_in_quickly(fairlead::session& visitor) {
    fairlead::limits bounds = visitor.limits(); // those of the listener
    bounds.first_message_timeout = 5s;
    visitor.set_limits(bounds);
    const auto password = co_await visitor.receive();
    if (!password || *password != "secret")
        co_return;

    bounds.idle_timeout = 1h;
    visitor.set_limits(bounds);
    while (const auto message = co_await visitor.receive())
        visitor.send(*message);
}

namespace fairlead::test {

TEST(limits_page, closes_a_connection_whose_message_is_too_large) {
    program_run program{limits_main};
    EXPECT_EQ(program.ask(line{}, {"hello"}), texts{"HELLO"});
    EXPECT_EQ(program.ask(line{}, {std::string(513, 'x')}), texts{make_error_code(errc::closed).message()});
    EXPECT_EQ(program.stop(), 0);
}

TEST(limits_page, lets_a_listener_have_limits_of_its_own) {
    server server;
    fairlead::limits strict;
    strict.max_sessions = 50;
    strict.idle_timeout = 10s;
    server.listen("tcp://127.0.0.1:0", fairlead::line{}, fairlead::echo(), {.limits = strict});
    server.listen("tcp://127.0.0.1:0", fairlead::line{}, fairlead::echo()); // those of server_options
    server.stop();
    EXPECT_EQ(server.run(), 0);
}

TEST(limits_page, refuses_work_when_all_places_are_taken) {
    server server;
    gate entrance{1};
    const auto handler = [&entrance](session& visitor) { return run_reports(visitor, entrance); };
    const std::string url = server.listen("tcp://127.0.0.1:0", line{}, handler).to_string();
    server_run running{server};
    EXPECT_EQ(ask(url, line{}, {"may"}), texts{"report of may"});
    auto taken = entrance.enter();
    EXPECT_TRUE(taken);
    EXPECT_EQ(ask(url, line{}, {"may"}), texts{"busy, try again later"});
    taken.reset();
    EXPECT_EQ(ask(url, line{}, {"may"}), texts{"report of may"});
}

TEST(limits_page, gives_a_session_other_limits_after_the_login) {
    server server;
    const std::string url = server.listen("tcp://127.0.0.1:0", line{}, log_in_quickly).to_string();
    server_run running{server};
    runtime home{1};
    texts replies;
    const auto visit = [&]() -> boost::asio::awaitable<void> {
        const auto connected = co_await connect(home[0], url, line());
        const auto to = connected.value();
        to->send("secret");
        to->send("hello");
        const auto reply = co_await to->receive();
        replies.push_back(to_string(reply.value()));
        co_await to->close_gracefully();
    };
    home.run(visit());
    EXPECT_EQ(replies, texts{"hello"});
}

} // namespace fairlead::test
