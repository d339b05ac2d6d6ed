// topics-load URL PID SUBSCRIBERS SECONDS SIZE,WINDOW[,stopped]...
//
// One publisher and many subscribers of one topic, on one thread. WINDOW: messages published and not yet delivered to all. `stopped`:
// one more subscriber, which otherwise reads, has stopped, and its connection is full. PID is the server, whose processor time is
// read. URL: tcp:// (length prefix), ws:// or nats://. A message of one byte must subscribe to the topic of that name and be its own
// reply, and a longer one go to the subscribers of its first byte; with nats:// these are SUB and PUB.
//
// Prints a line for each load.

#include "percentile.hpp"
#include "require.hpp"
#include "topics_load/subscribers.hpp"

#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <unistd.h>

namespace fairlead::bench {

namespace {

struct load {
    std::size_t size, window;
    bool stopped;
};

load parse_load(const std::string& text) {
    load found{};
    int end = 0;
    require(std::sscanf(text.c_str(), "%zu,%zu%n", &found.size, &found.window, &end) == 2 && found.size >= 9 &&
                found.size < 65536 && found.window > 0,
            "a load is SIZE,WINDOW or SIZE,WINDOW,stopped, with 9 bytes or more");
    const std::string rest = text.substr(static_cast<std::size_t>(end));
    require(rest.empty() || rest == ",stopped", "behind a load there is nothing, or ,stopped");
    found.stopped = !rest.empty();
    return found;
}

struct target {
    protocol how;
    ::sockaddr_in address{};
};

target parse_target(const std::string& url) {
    const auto scheme = url.find("://"), port = url.rfind(':');
    require(scheme != std::string::npos && port > scheme, "an URL is SCHEME://ADDRESS:PORT");
    target found{protocol{url.substr(0, scheme)}};
    found.address.sin_family = AF_INET;
    found.address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(url.c_str() + port + 1)));
    require(::inet_pton(AF_INET, url.substr(scheme + 3, port - scheme - 3).c_str(), &found.address.sin_addr) == 1,
            "the host of an URL is an address of IPv4");
    return found;
}

class campaign {
public:
    campaign(const target& where, ::pid_t server, std::size_t count)
        : how_{where.how}, server_{server}, readers_{where.how, where.address, count}, publisher_{where.address} {
        connection* const alone[] = {&publisher_};
        for (const auto& step : how_.opening())
            converse(alone, step);
    }

    void run(const load& how, double seconds) {
        readers_.expect(how.size);
        message_.assign(how.size, 'x');
        message_.front() = subscribers::topic;
        if (how.stopped)
            fill_the_last();
        publish_for(how, 0.2 * seconds); // until it runs evenly
        readers_.take_delays();
        const std::uint64_t begin = now_ns(), delivered = readers_.delivered();
        const double used = processor_time(server_);
        publish_for(how, seconds);
        const double spent = processor_time(server_) - used, taken = static_cast<double>(now_ns() - begin);
        const auto deliveries = static_cast<double>(readers_.delivered() - delivered);
        auto delays = readers_.take_delays();
        std::printf("{\"cpu_ns\": %.1f, \"per_second\": %.0f, \"p50_us\": %.0f, \"p99_us\": %.0f}\n",
                    spent / deliveries, deliveries / taken * 1e9, percentile(delays, 0.5), percentile(delays, 0.99));
        std::fflush(stdout);
        if (how.stopped)
            readers_.resume_the_last();
    }

private:
    void publish_for(const load& how, double seconds) {
        const std::uint64_t end = now_ns() + static_cast<std::uint64_t>(seconds * 1e9);
        do {
            wait_for(how.window - 1);
            const std::uint64_t time = now_ns();
            std::memcpy(message_.data() + 1, &time, sizeof time);
            publisher_.send(how_.published(message_));
            expected_ += readers_.count();
        } while (now_ns() < end);
        wait_for(0);
    }

    /// Until so many messages at most are on their way.
    void wait_for(std::size_t waiting) {
        std::uint64_t before = readers_.delivered(), since = now_ns();
        while (readers_.delivered() + waiting * readers_.count() < expected_) {
            readers_.read_some();
            if (readers_.delivered() != before)
                before = readers_.delivered(), since = now_ns();
            require(now_ns() - since < patience, "messages are missing");
        }
    }

    /// More than the buffers of its connection hold, in a topic of its own.
    void fill_the_last() {
        readers_.stop_the_last();
        std::string message(16 * 1024, 'x');
        message.front() = subscribers::only_of_the_last;
        for (int i = 0; i < 512; ++i)
            publisher_.send(how_.published(message));
    }

    static constexpr std::uint64_t patience = 20'000'000'000; // nanoseconds

    const protocol how_;
    const ::pid_t server_;
    subscribers readers_;
    connection publisher_;
    std::string message_;
    std::uint64_t expected_ = 0;
};

} // namespace

} // namespace fairlead::bench

int main(int count, char** arguments) {
    using namespace fairlead::bench;
    try {
        require(count > 5, "usage: topics-load URL PID SUBSCRIBERS SECONDS SIZE,WINDOW[,stopped]...");
        std::vector<load> loads;
        for (int i = 5; i < count; ++i)
            loads.push_back(parse_load(arguments[i]));
        campaign all{parse_target(arguments[1]), std::atoi(arguments[2]), std::strtoul(arguments[3], nullptr, 10)};
        for (const load& each : loads)
            all.run(each, std::atof(arguments[4]));
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "topics-load: %s\n", failed.what());
        return 1;
    }
}
