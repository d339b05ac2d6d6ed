#include "metrics/statistics_metrics.hpp"
#include "support/metrics_parser.hpp"

#include <fairlead/endpoint.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <sys/un.h>

namespace fairlead::test {

namespace {

std::string statistics_text(const statistics& counted, metrics_format format = metrics_format::prometheus) {
    metrics_writer out{format};
    write_statistics(out, counted);
    const std::string text = out.finish();
    EXPECT_NO_THROW(metrics_parser{format}.parse(text)) << text;
    return text;
}

bool has_line(const std::string& text, const std::string& line) {
    return text.find('\n' + line + '\n') != std::string::npos;
}

listener_statistics listener_at(const char* url) {
    listener_statistics made;
    made.address = endpoint::parse(url);
    return made;
}

endpoint unix_endpoint(const std::string& path) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return {reinterpret_cast<const ::sockaddr*>(&address), offsetof(::sockaddr_un, sun_path) + path.size(),
            transport::unix_stream};
}

} // namespace

TEST(statistics_metrics, begin_with_sessions) {
    statistics all;
    all.accepted = 7;
    all.active = 5;
    EXPECT_TRUE(statistics_text(all).starts_with("# HELP fairlead_sessions_accepted_total Sessions begun.\n"
                                                 "# TYPE fairlead_sessions_accepted_total counter\n"
                                                 "fairlead_sessions_accepted_total 7\n"
                                                 "# HELP fairlead_sessions_active Sessions open now.\n"
                                                 "# TYPE fairlead_sessions_active gauge\n"
                                                 "fairlead_sessions_active 5\n"));
}

TEST(statistics_metrics, have_the_causes_of_ends_and_of_lost_datagrams_as_labels) {
    statistics all;
    all.closed.by_peer = 3;
    all.closed.cut_off = 4;
    all.datagrams.dropped_for_queue = 5;
    all.datagrams.refused_for_rate = 6;
    all.datagrams.failed_no_room = 7;
    const std::string text = statistics_text(all);
    EXPECT_TRUE(has_line(text, "fairlead_sessions_closed_total{cause=\"peer\"} 3")) << text;
    EXPECT_TRUE(has_line(text, "fairlead_sessions_closed_total{cause=\"cut_off\"} 4"));
    EXPECT_TRUE(has_line(text, "fairlead_sessions_closed_total{cause=\"malformed\"} 0"));
    EXPECT_TRUE(has_line(text, "fairlead_datagrams_dropped_total{cause=\"queue\"} 5"));
    EXPECT_TRUE(has_line(text, "fairlead_datagrams_refused_total{cause=\"rate\"} 6"));
    EXPECT_TRUE(has_line(text, "fairlead_datagrams_failed_total{cause=\"no_room\"} 7"));
}

TEST(statistics_metrics, show_the_budget_only_where_there_is_one) {
    statistics all;
    all.buffered_bytes = 100;
    EXPECT_EQ(statistics_text(all).find("fairlead_buffer_budget_bytes"), std::string::npos);
    all.buffer_budget = 1'000;
    EXPECT_TRUE(has_line(statistics_text(all), "fairlead_buffered_bytes 100"));
    EXPECT_TRUE(has_line(statistics_text(all), "fairlead_buffer_budget_bytes 1000"));
}

TEST(statistics_metrics, have_the_counters_that_a_listener_has) {
    statistics all;
    all.listeners = {listener_at("tcp://127.0.0.1:9000"), listener_at("udp://127.0.0.1:9000")};
    all.listeners[0].accepted = 2;
    all.listeners[0].held_for_rate = 3;
    all.listeners[0].max_sessions = 8;
    all.listeners[1].datagrams.received = 4;
    all.listeners[1].datagrams.dropped_by_end = 5;
    const std::string text = statistics_text(all);
    EXPECT_TRUE(has_line(text, "fairlead_listener_sessions_accepted_total{listener=\"tcp://127.0.0.1:9000\"} 2"))
        << text;
    EXPECT_TRUE(has_line(text, "fairlead_listener_sessions_accepted_total{listener=\"udp://127.0.0.1:9000\"} 0"));
    EXPECT_TRUE(has_line(text, "fairlead_listener_held_for_rate_total{listener=\"tcp://127.0.0.1:9000\"} 3"));
    EXPECT_TRUE(has_line(text, "fairlead_listener_max_sessions{listener=\"tcp://127.0.0.1:9000\"} 8"));
    EXPECT_FALSE(has_line(text, "fairlead_listener_held_for_rate_total{listener=\"udp://127.0.0.1:9000\"} 0"));
    EXPECT_TRUE(has_line(text, "fairlead_listener_datagrams_received_total{listener=\"udp://127.0.0.1:9000\"} 4"));
    EXPECT_TRUE(
        has_line(text, "fairlead_listener_datagrams_dropped_total{listener=\"udp://127.0.0.1:9000\",cause=\"end\"} 5"));
    EXPECT_EQ(text.find("datagrams_received_total{listener=\"tcp"), std::string::npos);
    EXPECT_EQ(statistics_text({}).find("fairlead_listener_"), std::string::npos) << "or a metric has no samples";
}

TEST(statistics_metrics, add_up_a_closed_listener_and_the_next_one_at_its_address) {
    statistics all;
    all.listeners = {listener_at("tcp://127.0.0.1:9000"), listener_at("tcp://127.0.0.1:9000"),
                     listener_at("udp://127.0.0.1:9000"), listener_at("udp://127.0.0.1:9000")};
    all.listeners[0].open = false;
    all.listeners[0].accepted = 2;
    all.listeners[1].accepted = 3;
    all.listeners[0].refused_for_memory = 4;
    all.listeners[1].refused_for_memory = 5;
    all.listeners[1].refused_for_proxy = 6;
    all.listeners[2].datagrams.sent = 6;
    all.listeners[3].datagrams.sent = 7;
    const std::string text = statistics_text(all);
    EXPECT_TRUE(has_line(text, "fairlead_listener_sessions_accepted_total{listener=\"tcp://127.0.0.1:9000\"} 5"))
        << text;
    EXPECT_TRUE(has_line(text, "fairlead_listener_refused_for_memory_total{listener=\"tcp://127.0.0.1:9000\"} 9"));
    EXPECT_TRUE(has_line(text, "fairlead_listener_refused_for_proxy_total{listener=\"tcp://127.0.0.1:9000\"} 6"));
    EXPECT_TRUE(has_line(text, "fairlead_listener_datagrams_sent_total{listener=\"udp://127.0.0.1:9000\"} 13"));
}

TEST(statistics_metrics, show_hostile_paths_as_text) {
    statistics all;
    for (const char* path : {"/a\"} 1\nfairlead_up 1", "/a\\", "/\xFF\xFE", "/\xC3\xA9\x1B[2J"}) {
        all.listeners.emplace_back();
        all.listeners.back().address = unix_endpoint(path);
    }
    for (const auto format : {metrics_format::prometheus, metrics_format::openmetrics}) {
        const std::string text = statistics_text(all, format);
        EXPECT_EQ(text.find("\nfairlead_up"), std::string::npos) << text;
        for (const char one : text) {
            const auto each = static_cast<unsigned char>(one);
            EXPECT_TRUE(each == '\n' || (each >= ' ' && each < 0x80) || each == 0xC3 || each == 0xA9) << int{each};
        }
    }
    EXPECT_NE(statistics_text(all).find("a\\\"} 1"), std::string::npos);
}

} // namespace fairlead::test
