// What the histograms of a server show of known traffic.

#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"
#include "support/metrics_parser.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>
#include <fairlead/shard.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>

using namespace std::literals;

namespace fairlead::test {

namespace {

struct shown_histogram {
    std::map<std::string, double> at_most; // by the label `le`
    double sum = 0, count = 0;
};

shown_histogram histogram_of(const server& shown, const std::string& name,
                             metrics_format format = metrics_format::prometheus) {
    shown_histogram found;
    for (const read_metric& each : metrics_parser{format}.parse(shown.metrics_text(format))) {
        if (each.name != name)
            continue;
        EXPECT_EQ(each.type, "histogram");
        for (const read_sample& sample : each.samples) {
            if (sample.name.ends_with("_bucket"))
                found.at_most[sample.labels.at(0).value] = sample.value;
            else
                (sample.name.ends_with("_sum") ? found.sum : found.count) = sample.value;
        }
    }
    return found;
}

// Once so many are counted, or when that takes too long: a reply is here a little before its message is counted.
shown_histogram histogram_with(double count, const server& shown, const std::string& name,
                               metrics_format format = metrics_format::prometheus) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    for (;;) {
        const shown_histogram found = histogram_of(shown, name, format);
        if (found.count >= count || std::chrono::steady_clock::now() > give_up)
            return found;
        std::this_thread::sleep_for(1ms);
    }
}

void ask_once(client& peer, const std::string& message) {
    peer.write(frame(message));
    EXPECT_EQ(peer.read(message.size() + 4), frame(message));
}

void sleep_when_told(bytes_view message, peer& from) {
    if (message.text() == "sleep")
        std::this_thread::sleep_for(20ms);
    from.send(message);
}

boost::asio::awaitable<void> sleep_in_a_coroutine(session& peer) {
    while (const auto message = co_await peer.receive())
        sleep_when_told(*message, peer);
}

boost::asio::awaitable<void> sleep_behind_a_timer(session& peer) {
    while (const auto message = co_await peer.receive()) {
        const std::string kept{message->text()};
        co_await peer.shard().sleep_for(1ms);
        sleep_when_told(kept, peer);
    }
}

// How many times of more than 10 ms there are. A busy machine may add some.
double long_times(const server& shown, const std::string& name) {
    const shown_histogram found = histogram_of(shown, name);
    return found.count - found.at_most.at("0.01");
}

} // namespace

TEST(histograms, count_messages_by_their_size) {
    running_server served{length_prefixed{}, echo()};
    client peer{served.where()};
    for (const std::size_t size : {0UL, 16UL, 17UL, 64UL, 64UL, 5000UL})
        ask_once(peer, std::string(size, 'x'));
    for (const metrics_format format : {metrics_format::prometheus, metrics_format::openmetrics}) {
        const std::string point = format == metrics_format::openmetrics ? ".0" : "";
        const auto sizes = histogram_with(6, served.server(), "fairlead_message_bytes", format);
        EXPECT_EQ(sizes.at_most.at("16" + point), 2);
        EXPECT_EQ(sizes.at_most.at("32" + point), 3);
        EXPECT_EQ(sizes.at_most.at("64" + point), 5);
        EXPECT_EQ(sizes.at_most.at("4096" + point), 5);
        EXPECT_EQ(sizes.at_most.at("8192" + point), 6);
        EXPECT_EQ(sizes.count, 6);
        EXPECT_EQ(sizes.sum, 16 + 17 + 64 + 64 + 5000);
    }
}

TEST(histograms, count_datagrams_by_their_size) {
    running_server served{udp_options{}, echo()};
    datagram_client peer{served.where()};
    for (const std::size_t size : {100UL, 1000UL})
        EXPECT_EQ(peer.ask(std::string(size, 'x')).size(), size);
    const auto sizes = histogram_with(2, served.server(), "fairlead_message_bytes");
    EXPECT_EQ(sizes.count, 2);
    EXPECT_EQ(sizes.sum, 1100);
    EXPECT_GE(histogram_of(served.server(), "fairlead_handler_seconds").count, 1);
}

TEST(histograms, count_each_time_that_a_session_was_resumed) {
    running_server served{length_prefixed{}, echo()};
    client peer{served.where()};
    ask_once(peer, "hello"); // so it has begun
    ask_once(peer, "hello"); // and its beginning is counted
    const double before = histogram_of(served.server(), "fairlead_handler_seconds").count;
    for (int i = 0; i < 10; ++i)
        ask_once(peer, "hello");
    ask_once(peer, "hello"); // a reply is here before the time of its turn is counted; that of those before it is
    const double turns = histogram_of(served.server(), "fairlead_handler_seconds").count - before;
    EXPECT_GE(turns, 10);
    EXPECT_LE(turns, 12);
    EXPECT_GE(histogram_of(served.server(), "fairlead_loop_seconds").count, 10);
}

TEST(histograms, show_each_time_that_a_handler_took_long) {
    for (const handler& slow :
         {handler{sleep_when_told}, handler{sleep_in_a_coroutine}, handler{sleep_behind_a_timer}}) {
        running_server served{length_prefixed{}, slow};
        client peer{served.where()};
        for (const char* each : {"sleep", "sleep", "sleep", "quick", "quick"})
            ask_once(peer, each);
        EXPECT_GE(long_times(served.server(), "fairlead_handler_seconds"), 3);
        EXPECT_GE(long_times(served.server(), "fairlead_loop_seconds"), 1) << "a turn may serve a session again";
        for (const char* each : {"fairlead_handler_seconds", "fairlead_loop_seconds"})
            EXPECT_GE(histogram_of(served.server(), each).sum, 0.06);
    }
}

TEST(histograms, show_a_handler_of_datagrams_that_takes_long) {
    running_server served{udp_options{}, sleep_when_told};
    datagram_client peer{served.where()};
    for (const char* each : {"sleep", "sleep", "sleep", "quick", "quick"})
        EXPECT_EQ(peer.ask(bytes_view{std::string_view{each}}), each);
    EXPECT_GE(long_times(served.server(), "fairlead_handler_seconds"), 3);
}

TEST(histograms, count_what_waits_for_a_peer_that_reads_nothing) {
    running_server served{raw{}, echo()};
    client peer{served.where()};
    EXPECT_EQ(histogram_of(served.server(), "fairlead_queued_bytes").count, 0);
    std::thread writer{[&] { peer.write(std::string(16 << 20, 'x')); }};
    const auto held = served.statistics_when([](const statistics& found) { return found.held_back != 0; });
    EXPECT_GE(held.held_back, 1u);
    const auto queued = histogram_of(served.server(), "fairlead_queued_bytes");
    EXPECT_GE(queued.count, 1);
    EXPECT_GT(queued.sum, 0);
    peer.read(16 << 20);
    writer.join();
}

TEST(histograms, may_be_read_while_shards_add_to_them) {
    server_options options = test_options();
    options.threads = 2;
    running_server served{length_prefixed{}, echo(), options};
    std::atomic<bool> done{false};
    std::thread reader{[&] {
        double before = 0;
        while (!done) {
            const double now = histogram_of(served.server(), "fairlead_message_bytes").count;
            EXPECT_GE(now, before);
            before = now;
        }
    }};
    client one{served.where()}, other{served.where()};
    for (int i = 0; i < 200; ++i) {
        ask_once(one, "hello");
        ask_once(other, "hello");
    }
    done = true;
    reader.join();
    EXPECT_EQ(histogram_with(400, served.server(), "fairlead_message_bytes").count, 400);
}

} // namespace fairlead::test
