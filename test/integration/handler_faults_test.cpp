#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"
#include "support/effort.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/logging.hpp>
#include <fairlead/malformed_message.hpp>
#include <fairlead/session.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace std::literals;

namespace fairlead::test {

namespace {

void throw_one_of_many(bytes_view message, peer& from) {
    switch (message[0] % 4) {
    case 0: throw std::runtime_error{"an exception"};
    case 1: throw 42;
    case 2: from.send("a reply before"); throw std::bad_alloc{};
    default: try { throw std::logic_error{"the inner one"};
        } catch (...) {
            std::throw_with_nested(std::runtime_error{"the outer one"});
        }
    }
}

class handler_faults : public ::testing::Test {
protected:
    handler_faults() {
        set_logger(std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
    }
    ~handler_faults() override { set_logger(nullptr); }

    std::ostringstream log_;
};

TEST_F(handler_faults, in_any_number_end_their_sessions_alone_and_flood_no_log) {
    const int faults = effort(2'000, 1'000'000);
    running_server server{length_prefixed{}, throw_one_of_many};
    for (int i = 0; i < faults; ++i) {
        client peer{server.where()};
        peer.write(frame(std::string(1, static_cast<char>(i % 4))));
        ASSERT_EQ(peer.read_to_end(), i % 4 == 2 ? frame("a reply before") : "");
    }
    const statistics counted = server.statistics_after(static_cast<std::uint64_t>(faults));
    EXPECT_EQ(counted.closed.handler_failed, static_cast<std::uint64_t>(faults));
    EXPECT_EQ(counted.active, 0u);
    server.stop();
    const std::string log = log_.str();
    EXPECT_LT(std::count(log.begin(), log.end(), '\n'), faults / 2);
    EXPECT_NE(log.find("more lines of this kind suppressed"), std::string::npos);
}

// Queues replies until it is told to stop, and remembers what it was told.
class flooding {
public:
    void operator()(bytes_view, peer& from) {
        const std::string block(64 * 1024, 'x');
        for (;; ++*sent_) {
            const auto queued = from.send(block);
            if (!queued) {
                *refusal_ = queued.error().value();
                return;
            }
        }
    }
    int sent() const { return *sent_; }
    int refusal() const { return *refusal_; }

private:
    std::shared_ptr<std::atomic<int>> sent_ = std::make_shared<std::atomic<int>>(0);
    std::shared_ptr<std::atomic<int>> refusal_ = std::make_shared<std::atomic<int>>(0);
};

TEST_F(handler_faults, of_a_handler_that_replies_without_end_are_bounded_by_the_send_queue) {
    flooding flood;
    running_server server{length_prefixed{}, flood};
    client peer{server.where()};
    peer.write(frame("go"));
    while (flood.refusal() == 0)
        std::this_thread::sleep_for(1ms);
    EXPECT_EQ(flood.refusal(), static_cast<int>(errc::send_queue_full));
    EXPECT_LT(server.server().statistics().buffered_bytes, 3 * limits{}.max_write_buffer);
    const auto expected = static_cast<std::size_t>(flood.sent()) * (64 * 1024 + 4);
    EXPECT_EQ(peer.read(expected).size(), expected) << "what was queued arrives all the same";
}

TEST_F(handler_faults, of_a_handler_that_closes_its_session_and_sends_are_values) {
    std::atomic<int> refusal{0};
    const auto close_and_send = [&refusal](bytes_view, peer& from) {
        from.send("before");
        from.close();
        from.close();
        refusal = from.send("after").error().value();
    };
    running_server server{length_prefixed{}, close_and_send};
    EXPECT_EQ(ask(server.where(), frame("x")), frame("before"));
    EXPECT_EQ(refusal, static_cast<int>(errc::closed));
}

TEST_F(handler_faults, that_are_those_of_a_message_are_counted_as_such) {
    const auto refuse = [](bytes_view message, peer& from) {
        from.send("before");
        throw malformed_message{"no order: " + to_string(message)};
    };
    running_server server{length_prefixed{}, refuse};
    EXPECT_EQ(ask(server.where(), frame("x\n")), frame("before"));
    const statistics counted = server.statistics_after(1);
    EXPECT_EQ(counted.closed.malformed, 1u);
    EXPECT_EQ(counted.closed.handler_failed, 0u);
    server.stop();
    EXPECT_NE(log_.str().find(": no order: x\\n"), std::string::npos) << log_.str();
}

TEST_F(handler_faults, that_are_those_of_a_datagram_drop_it) {
    const auto refuse = [](bytes_view message, peer& from) {
        if (message == "wrong")
            throw malformed_message{"no order"};
        from.send(message);
    };
    running_server server{udp_options{}, refuse};
    datagram_client peer{server.where()};
    peer.send("wrong");
    EXPECT_EQ(peer.ask("right"), "right");
    server.stop();
    EXPECT_EQ(server.server().statistics().datagrams.dropped_malformed, 1u);
    EXPECT_EQ(server.server().statistics().datagrams.handler_failures, 0u);
    EXPECT_NE(log_.str().find(" was dropped: no order"), std::string::npos) << log_.str();
}

} // namespace

} // namespace fairlead::test
