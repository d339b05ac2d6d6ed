// The program of docs/metrics.md is an example.
#define main metrics_main
#include "../../apps/examples/19_own_metrics.cpp"
#undef main

#include "docs/program_run.hpp"
#include "support/metrics_parser.hpp"

#include <chrono>

// The metrics of a task, made once; handlers have a copy.
struct order_metrics {
    fairlead::counter_metric fresh;
    fairlead::counter_metric repeated;
    fairlead::gauge_metric open;
    fairlead::histogram_metric waited;
};

order_metrics make_order_metrics(fairlead::metrics& all) {
    return {
        .fresh = all.counter("orders_total", "Orders.", {{"kind", "new"}}),
        .repeated = all.counter("orders_total", "Orders.", {{"kind", "repeated"}}),
        .open = all.gauge("orders_open", "Orders that wait for a courier."),
        .waited = all.histogram("order_wait_seconds", "Time from order to courier.", {0.1, 0.5, 1, 5}),
    };
}

void deliver(const order_metrics& counts, bool is_new) {
    const auto begin = std::chrono::steady_clock::now();
    (is_new ? counts.fresh : counts.repeated).add();
    counts.open.add(1);
    // … wait for a courier
    counts.open.add(-1);
    counts.waited.observe(std::chrono::steady_clock::now() - begin); // in seconds
}

namespace fairlead::test {

namespace {

boost::asio::awaitable<void> scrape(shard& home, std::string url, std::string& page) {
    const framing rules = raw{};
    auto connected = co_await connect(home, url, rules);
    const auto server = connected.value();
    server->send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    for (;;) {
        const auto more = co_await server->receive(std::chrono::seconds(20));
        if (!more)
            break;
        page += to_string(*more);
    }
}

} // namespace

TEST(metrics_page, shows_what_the_handler_counts_to_a_scraper) {
    const std::string metrics_url = "unix://@fairlead-docs-metrics-" + std::to_string(::getpid());
    program_run program{metrics_main, {metrics_url}};
    EXPECT_EQ(program.ask(line{}, {"rope", "a long piece of rope"}), (texts{"taken", "taken"}));
    std::string page;
    runtime home{1};
    home.run(scrape(home[0], metrics_url, page));
    EXPECT_TRUE(page.starts_with("HTTP/1.1 200 OK\r\n")) << page;
    EXPECT_NE(page.find("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), page.npos);
    const std::string text = page.substr(page.find("\r\n\r\n") + 4);
    EXPECT_NE(page.find("\r\nContent-Length: " + std::to_string(text.size()) + "\r\n"), page.npos);
    EXPECT_NO_THROW(metrics_parser{metrics_format::prometheus}.parse(text));
    for (const std::string line : {"orders_total 2", "order_size_bytes_bucket{le=\"16\"} 1", "order_size_bytes_sum 24",
                                   "fairlead_messages_in_total 2", "fairlead_sessions_accepted_total 1",
                                   "fairlead_listener_sessions_accepted_total{listener=\"PROGRAM\"} 1"}) {
        const std::string wanted = line.find("PROGRAM") == line.npos
                                       ? line
                                       : std::string{line}.replace(line.find("PROGRAM"), 7, program.url());
        EXPECT_NE(text.find('\n' + wanted + '\n'), text.npos) << wanted << '\n' << text;
    }
    EXPECT_EQ(program.stop(), 0);
}

TEST(metrics_page, keeps_the_metrics_of_a_task_in_one_struct) {
    metrics own;
    const order_metrics counts = make_order_metrics(own);
    deliver(counts, true);
    deliver(counts, false);
    deliver(make_order_metrics(own), false);
    EXPECT_EQ(counts.fresh.value(), 1u);
    EXPECT_EQ(counts.repeated.value(), 2u);
    EXPECT_EQ(counts.open.value(), 0);
    EXPECT_EQ(counts.waited.count(), 3u);
}

} // namespace fairlead::test
