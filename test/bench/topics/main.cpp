// Publishes to many subscribers in memory on two shards, by `topics` and by a loop over peer_handles, in turns.
//
//     fairlead-topics-bench SUBSCRIBERS,SIZE,WINDOW,ROUNDS     WINDOW: messages published and not yet delivered to all
//     fairlead-topics-bench --sockets SUBSCRIBERS,…            the same over Unix sockets, which another thread reads; that
//                                                              thread is not counted
//     fairlead-topics-bench --memory SUBSCRIPTIONS             bytes of the heap for a subscription, a name, and a topic
//
// Each line of a round: deliveries a second of processor time, of the publisher's thread and those of the shards together, and
// the 99th percentile of the time from `publish` to a subscriber's write. In the last line: the medians, and their ratios.

#include "topics/crowd.hpp"

#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <string_view>

namespace fairlead::bench {

namespace {

struct plan {
    unsigned subscribers = 10'000, size = 64, window = 32, rounds = 7;
};

struct outcome {
    double per_core, p99;
};

std::vector<double> sorted(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values;
}

double median(const std::vector<double>& values) {
    return sorted(values)[values.size() / 2];
}

template <class Publish>
outcome run(crowd& to, const plan& how, Publish publish) {
    const auto round_time = std::chrono::milliseconds{400};
    to.take_delays();
    std::string message(how.size, 'x');
    const double before = to.spent() + thread_seconds();
    const double delivered = to.delivered();
    double published = 0;
    const auto wait_for = [&](double waiting) {
        while ((published - waiting) * double(to.reading()) > to.delivered() - delivered)
            std::this_thread::sleep_for(std::chrono::microseconds{20});
    };
    for (const auto end = steady::now() + round_time; steady::now() < end; ++published) {
        wait_for(how.window - 1);
        const std::uint64_t time = now();
        std::memcpy(message.data(), &time, sizeof time);
        publish(message);
    }
    wait_for(0);
    const double spent = to.spent() + thread_seconds() - before;
    const auto delays = to.take_delays();
    return {published * double(to.reading()) / spent, double(delays.at(delays.size() * 99 / 100)) / 1e6};
}

outcome by_topics(crowd& to, const plan& how) {
    return run(to, how, [&](const std::string& message) {
        while (!to.rooms().publish("room", message))
            std::this_thread::yield();
    });
}

outcome by_loop(crowd& to, const plan& how) {
    return run(to, how, [&](const std::string& message) {
        for (const peer_handle& each : to.handles())
            each.send(message);
    });
}

void compare(const plan& how, crowd::transport over) {
    crowd all{how.subscribers, how.size, over, false}, with_a_stopped_one{how.subscribers, how.size, over, true};
    std::vector<double> rates[3], p99[3];
    by_topics(all, how);
    by_loop(all, how);
    for (unsigned i = 0; i < how.rounds; ++i) {
        const outcome found[] = {by_topics(all, how), by_loop(all, how), by_topics(with_a_stopped_one, how)};
        std::printf("%u:", i + 1);
        const char* const names[] = {"topics", "loop", "topics, one stopped"};
        for (std::size_t k = 0; k < 3; ++k) {
            rates[k].push_back(found[k].per_core);
            p99[k].push_back(found[k].p99);
            std::printf("  %s %.2f M/s p99 %.2f ms", names[k], found[k].per_core / 1e6, found[k].p99);
        }
        std::printf("\n");
    }
    std::printf(
        "%u subscribers, %u bytes, window %u: topics %.2f M/s, loop %.2f M/s, ratio %.2f; p99 %.2f ms, loop %.2f ms; "
        "one stopped: p99 ratio %.3f\n",
        how.subscribers, how.size, how.window, median(rates[0]) / 1e6, median(rates[1]) / 1e6,
        median(rates[0]) / median(rates[1]), median(p99[0]), median(p99[1]), median(p99[2]) / median(p99[0]));
}

double heap() {
    return double(::mallinfo2().uordblks);
}

// Of each of `count` calls.
template <class Call>
double heap_for(std::size_t count, Call call) {
    const double before = heap();
    for (std::size_t i = 0; i < count; ++i)
        call(i);
    return (heap() - before) / double(count);
}

void measure_memory(std::size_t count) {
    topics rooms{{.max_topics = count + 1}};
    shard home;
    arrivals unused;
    std::vector<std::shared_ptr<session>> sessions;
    for (std::size_t i = 0; i < count; ++i)
        sessions.push_back(
            session::create(home, std::make_unique<counting_stream>(unused, 1, kind::counts), length_prefixed{}));
    rooms.subscribe(*sessions[0], "first");
    std::printf("%zu subscriptions: %.1f bytes each", count,
                heap_for(count, [&](std::size_t i) { rooms.subscribe(*sessions[i], "room"); }));
    std::printf("; a name of 10 bytes %.1f",
                heap_for(count, [&](std::size_t i) { rooms.subscribe(*sessions[i], "room", {.name = "0123456789"}); }));
    std::printf("; a topic with one subscriber %.1f\n",
                heap_for(count, [&](std::size_t i) { rooms.subscribe(*sessions[i], "topic/" + std::to_string(i)); }));
    sessions.clear();
}

} // namespace

} // namespace fairlead::bench

int main(int count, char** arguments) {
    if (count == 3 && arguments[1] == std::string_view{"--memory"}) {
        fairlead::bench::measure_memory(std::strtoul(arguments[2], nullptr, 10));
        return 0;
    }
    using over = fairlead::bench::crowd::transport;
    const bool sockets = count > 1 && arguments[1] == std::string_view{"--sockets"};
    if (sockets)
        --count, ++arguments;
    fairlead::bench::plan how;
    if (count > 1 &&
        std::sscanf(arguments[1], "%u,%u,%u,%u", &how.subscribers, &how.size, &how.window, &how.rounds) != 4) {
        std::fprintf(stderr, "fairlead-topics-bench takes SUBSCRIBERS,SIZE,WINDOW,ROUNDS\n");
        return 2;
    }
    fairlead::bench::compare(how, sockets ? over::sockets : over::memory);
}
