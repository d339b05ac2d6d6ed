#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/stopping.hpp"
#include "integration/support/temporary_directory.hpp"
#include "support/effort.hpp"
#include "support/framing_support.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <atomic>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

server_options two_threads() {
    server_options options = test_options();
    options.threads = 2;
    return options;
}

udp_options without_limits() {
    udp_options how;
    how.max_reply_ratio = 0;
    how.reply_rate = 0;
    return how;
}

TEST(udp, gives_each_datagram_to_the_handler_as_a_message) {
    running_server server{udp_options{}, uppercase()};
    EXPECT_EQ(server.where().transport(), transport::udp);
    datagram_client peer{server.where()};
    EXPECT_EQ(peer.ask("hello"), "HELLO");
    EXPECT_EQ(peer.ask(""), "");
    EXPECT_EQ(server.stop(), 0);
    const statistics counted = server.server().statistics();
    EXPECT_EQ(counted.messages_in, 2u);
    EXPECT_EQ(counted.messages_out, 2u);
    EXPECT_EQ(counted.accepted, 0u);
    EXPECT_EQ(counted.datagrams.received, 2u);
    EXPECT_EQ(counted.datagrams.sent, 2u);
}

TEST(udp, has_one_copy_of_the_handler_for_all_peers_of_a_thread) {
    const auto count = [number = 0](bytes_view, peer& from) mutable { from.send(std::to_string(++number)); };
    running_server one{udp_options{}, count};
    for (int i = 1; i <= 10; ++i)
        EXPECT_EQ(datagram_client{one.where()}.ask("x"), std::to_string(i));

    running_server two{udp_options{}, count, two_threads()};
    std::map<std::string, int> replies;
    for (int i = 0; i < 100; ++i)
        ++replies[datagram_client{two.where()}.ask("x")];
    for (const auto& [reply, times] : replies)
        EXPECT_LE(times, 2) << reply;
    EXPECT_LT(replies.size(), 100u) << "one thread had all of them";
}

TEST(udp, has_a_peer_always_on_the_same_thread) {
    const auto name_thread = [](bytes_view, peer& from) {
        from.send(std::to_string(std::hash<std::thread::id>{}(std::this_thread::get_id())));
    };
    running_server server{without_limits(), name_thread, two_threads()};
    for (int i = 0; i < 20; ++i) {
        datagram_client peer{server.where()};
        const std::string thread = peer.ask("x");
        for (int j = 0; j < 20; ++j)
            EXPECT_EQ(peer.ask("x"), thread);
    }
}

TEST(udp, goes_on_after_a_handler_that_throws) {
    const auto fail = [](bytes_view message, peer& from) {
        from.send("before");
        if (message.text() == "throw")
            throw std::runtime_error{"for a test"};
        if (message.text() == "throw a number")
            throw 42;
    };
    running_server server{udp_options{}, fail};
    datagram_client peer{server.where()};
    for (int i = 0; i < 10; ++i) {
        for (const char* message : {"throw", "throw a number", "do not"})
            EXPECT_EQ(peer.ask(message), "before");
    }
    server.stop();
    EXPECT_EQ(server.server().statistics().datagrams.handler_failures, 20u);
    EXPECT_EQ(server.server().statistics().datagrams.sent, 30u);
}

TEST(udp, tells_the_handler_which_reply_is_not_sent_and_why) {
    std::vector<error_code> told;
    const auto send_much = [&told](bytes_view, peer& from) {
        for (const std::size_t size : {65'508u, 65'507u, 100u, 60u}) {
            const auto sent = from.send(std::string(size, 'x'));
            told.push_back(sent ? error_code{} : sent.error());
        }
        from.close(); // there is nothing to close
        EXPECT_TRUE(from.send("end"));
    };
    running_server server{udp_options{}, send_much};
    datagram_client peer{server.where()};
    // 3 × (34 + 28) are 186 bytes; with headers the replies have 128 and 31.
    EXPECT_EQ(peer.ask(std::string(34, 'y')), std::string(100, 'x'));
    EXPECT_EQ(peer.receive(), "end");
    server.stop();
    ASSERT_EQ(told.size(), 4u);
    EXPECT_EQ(told[0], errc::message_too_large);
    EXPECT_EQ(told[1], errc::refused_by_limit);
    EXPECT_EQ(told[2], error_code{});
    EXPECT_EQ(told[3], errc::refused_by_limit);
    const datagram_statistics counted = server.server().statistics().datagrams;
    EXPECT_EQ(counted.failed_too_large, 1u);
    EXPECT_EQ(counted.refused_for_ratio, 2u);
}

TEST(udp, sends_any_number_of_replies_to_one_datagram) {
    const auto answer = [](bytes_view, peer& from) {
        for (int i = 0; i < 200; ++i)
            EXPECT_TRUE(from.send(std::string(static_cast<std::size_t>(i % 7), 'x') + std::to_string(i)));
    };
    running_server server{without_limits(), answer};
    datagram_client peer{server.where()};
    peer.send("go");
    for (int i = 0; i < 200; ++i)
        EXPECT_EQ(peer.receive(), std::string(static_cast<std::size_t>(i % 7), 'x') + std::to_string(i));
}

TEST(udp, serves_the_same_handler_beside_streams) {
    const temporary_directory directory;
    server serving{two_threads()};
    const handler what = echo("re: ");
    const endpoint tcp = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, what);
    const endpoint file = serving.listen("unix://" + (directory / "echo").string(), length_prefixed{}, what);
    const endpoint udp = serving.listen("udp://127.0.0.1:0", what);
    std::thread running{[&] { EXPECT_EQ(serving.run(), 0); }};
    datagram_client peer{udp};
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(ask(tcp, frame("tcp")), frame("re: tcp"));
        EXPECT_EQ(ask(file, frame("unix")), frame("re: unix"));
        EXPECT_EQ(peer.ask("udp"), "re: udp");
    }
    serving.stop();
    running.join();
    EXPECT_EQ(serving.statistics().accepted, 20u);
    EXPECT_EQ(serving.statistics().messages_in, 30u);
}

TEST(udp, needs_no_framing_and_streams_need_one) {
    server serving{test_options()};
    EXPECT_TRUE(contains(refusal([&] { serving.listen("tcp://127.0.0.1:0", echo()); }), "length_prefixed"));
    EXPECT_TRUE(contains(refusal([&] { serving.listen("udp://127.0.0.1:0", length_prefixed{}, echo()); }),
                         "listen with the handler alone"));
    EXPECT_TRUE(contains(refusal([&] { serving.listen("udp://127.0.0.1", echo()); }), "port"));
}

TEST(udp, lets_a_server_go_that_never_ran) {
    endpoint where;
    {
        server early{two_threads()};
        where = early.listen("udp://127.0.0.1:0", echo());
        datagram_client peer{where};
        for (int i = 0; i < 100; ++i)
            peer.send("nobody reads this");
    }
    server next{two_threads()};
    EXPECT_EQ(next.listen(where.to_string(), echo()), where);
}

TEST(udp, answers_what_waits_when_it_is_stopped_before_it_runs) {
    server early{two_threads()};
    datagram_client peer{early.listen("udp://127.0.0.1:0", echo())};
    for (int i = 0; i < 200; ++i)
        peer.send(std::to_string(i));
    early.stop();
    EXPECT_EQ(early.run(), 0);
    for (int i = 0; i < 200; ++i)
        EXPECT_EQ(peer.receive(), std::to_string(i));
}

TEST(udp, sends_the_reply_of_a_handler_that_stops_the_server) {
    self_stopping_server server{udp_options{}};
    datagram_client peer{server.where()};
    EXPECT_EQ(peer.ask("stop"), "last words");
    EXPECT_EQ(server.wait(), 0);
}

// Answers slowly from the second datagram on, and not before it is told.
class slow_echo {
public:
    explicit slow_echo(std::chrono::microseconds each) : each_{each} {}
    void operator()(bytes_view message, peer& from) const {
        *begun_ = true;
        while (!*go_)
            std::this_thread::sleep_for(1ms);
        std::this_thread::sleep_for(each_);
        from.send(message);
    }
    void wait_until_begun() const {
        while (!*begun_)
            std::this_thread::sleep_for(1ms);
    }
    void go() const { *go_ = true; }

private:
    std::chrono::microseconds each_;
    std::shared_ptr<std::atomic<bool>> begun_ = std::make_shared<std::atomic<bool>>();
    std::shared_ptr<std::atomic<bool>> go_ = std::make_shared<std::atomic<bool>>();
};

TEST(udp, handles_at_a_stop_what_waits_for_a_slow_handler) {
    const slow_echo slow{50us};
    running_server server{without_limits(), slow};
    datagram_client peer{server.where()};
    for (int i = 0; i < 200; ++i)
        peer.send(std::to_string(i));
    slow.wait_until_begun();
    server.server().stop();
    slow.go();
    EXPECT_EQ(server.wait(), 0);
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(peer.receive(), std::to_string(i));
}

TEST(udp, counts_what_a_drain_deadline_leaves_unhandled) {
    server_options options = test_options();
    options.limits.drain_timeout = 50ms;
    const slow_echo slow{500us};
    running_server server{without_limits(), slow, options};
    datagram_client peer{server.where()};
    for (int i = 0; i < 2'000; ++i)
        peer.send("x");
    slow.wait_until_begun();
    server.server().stop();
    slow.go();
    server.wait();
    const statistics counted = server.server().statistics();
    EXPECT_EQ(counted.messages_in + counted.datagrams.dropped_by_end + counted.datagrams.dropped_by_system, 2'000u);
    EXPECT_EQ(counted.datagrams.received, counted.messages_in + counted.datagrams.dropped_by_end);
    EXPECT_EQ(counted.datagrams.sent, counted.messages_in);
    EXPECT_GT(counted.datagrams.dropped_by_end, 0u);
}

TEST(udp, accounts_for_each_datagram_at_a_stop_amid_a_flood) {
    for (int i = 0; i < effort(10, 200); ++i) {
        udp_options how = without_limits();
        how.receive_buffer = 32 * 1024;
        running_server server{how, echo(), two_threads()};
        std::atomic<bool> ended = false;
        std::uint64_t sent = 0;
        std::thread flood{[&] {
            datagram_client peer{server.where()};
            try {
                for (; !ended; ++sent)
                    peer.send("a flood");
            } catch (const std::system_error&) {
                // the port is closed
            }
        }};
        std::this_thread::sleep_for(std::chrono::milliseconds{i});
        EXPECT_EQ(server.stop(), 0);
        ended = true;
        flood.join();
        const statistics counted = server.server().statistics();
        EXPECT_EQ(counted.datagrams.received, counted.messages_in);
        EXPECT_LE(counted.datagrams.received + counted.datagrams.dropped_by_system, sent);
        EXPECT_EQ(counted.datagrams.sent + counted.datagrams.failed_no_room + counted.datagrams.failed_unreachable,
                  counted.messages_out);
    }
}

} // namespace

} // namespace fairlead::test
