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
    const auto where = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", commands, fairlead::uppercase());
    std::cout << "listening " << where.to_string() << std::endl;
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
    server.listen("tcp://127.0.0.1:0", fairlead::line{}, fairlead::echo(), strict);
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

} // namespace fairlead::test
