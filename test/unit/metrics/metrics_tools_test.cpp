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

} // namespace

TEST(metrics_tools, find_nothing_wrong_in_the_format_of_prometheus) {
    if (!has_tool("promtool --version"))
        GTEST_SKIP() << "no promtool here";
    const tool_result checked = run_on_text("promtool check metrics", metrics_format::prometheus);
    EXPECT_EQ(checked.status, 0);
    EXPECT_EQ(checked.output, "");
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
