// The readers of others: promtool of Prometheus, and the parser of OpenMetrics of prometheus_client, which is strict.

#include "integration/support/temporary_directory.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/metrics.hpp>
#include <fairlead/server.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace fairlead::test {

namespace {

struct tool_result {
    int status = 0;
    std::string output;
};

tool_result run_tool(const std::string& command) {
    tool_result ran;
    std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> room;
    while (const std::size_t size = std::fread(room.data(), 1, room.size(), pipe))
        ran.output.append(room.data(), size);
    ran.status = ::pclose(pipe);
    return ran;
}

bool has_tool(const std::string& probe) {
    return run_tool(probe).status == 0;
}

// The metrics of a server that has all kinds of listeners, and those of a program with texts that are hard to read.
std::string whole_text(metrics_format format) {
    server watched{{.threads = 1, .buffer_budget = 64u << 20}};
    watched.listen("tcp://127.0.0.1:0", line{}, echo());
    watched.listen("udp://127.0.0.1:0", echo());
    metrics& own = watched.metrics();
    own.counter("orders_total", "Orders \"taken\"\nin C:\\.", {{"kind", "a\"b\\c\nd é {},=#"}}).add(3);
    own.gauge("orders_open", "Orders that wait.").set(-1.5e-300);
    const auto waited = own.histogram("order_wait_seconds", "Waits.", {0.001, 0.5, 10}, {{"kind", "new"}});
    waited.observe(0.2);
    waited.observe(1e9);
    return watched.metrics_text(format);
}

tool_result run_on_text(const std::string& command, metrics_format format) {
    const temporary_directory directory;
    const std::string file = directory / "metrics";
    std::ofstream{file} << whole_text(format);
    return run_tool(command + " < " + file);
}

// The files for Prometheus and Grafana.
const std::string docs = FAIRLEAD_DOCS;

} // namespace

TEST(metrics_tools, find_nothing_wrong_in_the_format_of_prometheus) {
    if (!has_tool("promtool --version"))
        GTEST_SKIP() << "no promtool here";
    const tool_result checked = run_on_text("promtool check metrics", metrics_format::prometheus);
    EXPECT_EQ(checked.status, 0);
    EXPECT_EQ(checked.output, "");
}

TEST(metrics_tools, find_all_metrics_that_rules_and_dashboard_ask_for) {
    if (!has_tool("/usr/bin/python3 --version"))
        GTEST_SKIP() << "no Python here";
    const std::string check = "/usr/bin/python3 " + docs + "/../test/unit/metrics/prometheus_files.py " + docs;
    const tool_result checked = run_on_text(check, metrics_format::prometheus);
    EXPECT_EQ(checked.status, 0) << checked.output;
    EXPECT_NE(checked.output.find("each of them there"), std::string::npos) << checked.output;
}

TEST(metrics_tools, find_a_metric_that_a_server_does_not_have) {
    if (!has_tool("/usr/bin/python3 --version"))
        GTEST_SKIP() << "no Python here";
    const std::string check = "sed s/fairlead_messages_in_total/fairlead_renamed_total/ | /usr/bin/python3 " + docs +
                              "/../test/unit/metrics/prometheus_files.py " + docs;
    const tool_result checked = run_tool("printf 'fairlead_messages_in_total 1\n' | " + check);
    EXPECT_NE(checked.status, 0);
    EXPECT_NE(checked.output.find("Messages a second: a server has no fairlead_messages_in_total"), std::string::npos);
}

TEST(metrics_tools, accept_the_rules_and_their_tests) {
    if (!has_tool("promtool --version"))
        GTEST_SKIP() << "no promtool here";
    const std::string rules = docs + "/prometheus/fairlead.rules";
    const tool_result checked = run_tool("promtool check rules " + rules + ".yml");
    EXPECT_EQ(checked.status, 0) << checked.output;
    const tool_result tested = run_tool("promtool test rules " + rules + ".test.yml");
    EXPECT_EQ(tested.status, 0) << tested.output;
}

TEST(metrics_tools, read_openmetrics) {
    if (!has_tool("/usr/bin/python3 -c 'import prometheus_client'"))
        GTEST_SKIP() << "no prometheus_client here";
    const std::string read_it = "/usr/bin/python3 -c '\n"
                                "import sys\n"
                                "from prometheus_client.openmetrics.parser import text_string_to_metric_families\n"
                                "for each in text_string_to_metric_families(sys.stdin.read()):\n"
                                "    for s in each.samples:\n"
                                "        if not s.name.startswith(\"fairlead\"):\n"
                                "            print(each.type, s.name, ascii(s.labels.get(\"kind\")), float(s.value))\n"
                                "'";
    const tool_result read = run_on_text("PYTHONIOENCODING=utf-8 " + read_it, metrics_format::openmetrics);
    EXPECT_EQ(read.output, "histogram order_wait_seconds_bucket 'new' 0.0\n"
                           "histogram order_wait_seconds_bucket 'new' 1.0\n"
                           "histogram order_wait_seconds_bucket 'new' 1.0\n"
                           "histogram order_wait_seconds_bucket 'new' 2.0\n"
                           "histogram order_wait_seconds_sum 'new' 1000000000.2\n"
                           "histogram order_wait_seconds_count 'new' 2.0\n"
                           "counter orders_total 'a\"b\\\\c\\nd \\xe9 {},=#' 3.0\n"
                           "gauge orders_open None -1.5e-300\n");
    EXPECT_EQ(read.status, 0);
}

} // namespace fairlead::test
