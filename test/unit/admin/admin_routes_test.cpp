#include "admin/admin_routes.hpp"
#include "fake_subject.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace fairlead::test {

namespace {

class admin_routes : public ::testing::Test {
protected:
    http_response ask(http_request asked) {
        auto found = answer(asked, access, server, 1764386000.1234);
        return std::holds_alternative<http_response>(found) ? std::get<http_response>(found)
                                                            : http_response{.status = 0};
    }
    http_response get(const std::string& path) { return ask({.path = path, .host = "localhost"}); }
    http_response post(const std::string& path, const std::string& authorization = "") {
        return ask({.method = "POST", .path = path, .host = "localhost", .authorization = authorization});
    }

    fake_subject server;
    admin_access access;
};

} // namespace

TEST_F(admin_routes, show_metrics_in_the_format_that_is_preferred) {
    EXPECT_EQ(get("/metrics").body, "plain");
    EXPECT_EQ(get("/metrics").type, "text/plain; version=0.0.4; charset=utf-8");
    const auto open = ask({.path = "/metrics", .host = "a", .accept = "application/openmetrics-text"});
    EXPECT_EQ(open.status, 421u);
    const auto asked = ask({.path = "/metrics", .host = "127.0.0.1", .accept = "application/openmetrics-text"});
    EXPECT_EQ(asked.body, "open");
    EXPECT_NE(asked.type.find("application/openmetrics-text; version=1.0.0"), std::string::npos) << asked.type;
}

TEST_F(admin_routes, know_what_scrapers_prefer) {
    EXPECT_FALSE(prefers_openmetrics(""));
    EXPECT_FALSE(prefers_openmetrics("*/*"));
    EXPECT_FALSE(prefers_openmetrics("text/plain, application/openmetrics-text;q=0.5"));
    EXPECT_FALSE(prefers_openmetrics("application/openmetrics-text;q=0"));
    EXPECT_TRUE(prefers_openmetrics("application/openmetrics-text;version=1.0.0;q=0.75,"
                                    "application/openmetrics-text;version=0.0.1;q=0.5,"
                                    "text/plain;version=0.0.4;q=0.25,*/*;q=0.1"));
}

TEST_F(admin_routes, say_that_the_process_is_well_while_all_threads_come_back) {
    EXPECT_EQ(get("/healthz").status, 200u);
    server.threads = {{.index = 0, .blocked_for = 0.9, .blocked_by = "session 3 from a"}};
    EXPECT_EQ(get("/healthz").status, 200u) << "less than a second";
    server.threads.push_back({.index = 1, .blocked_for = 2.34, .blocked_by = "session 7 from tcp://10.0.0.1:5"});
    EXPECT_EQ(get("/healthz").status, 503u);
    EXPECT_EQ(get("/healthz").body,
              "thread 1 has been blocked for 2.3 s: the handler of session 7 from tcp://10.0.0.1:5 runs\n");
}

TEST_F(admin_routes, say_that_the_server_is_ready_while_it_serves) {
    const std::pair<server_phase, unsigned> expected[] = {{server_phase::starting, 503},
                                                          {server_phase::serving, 200},
                                                          {server_phase::drain_announced, 503},
                                                          {server_phase::draining, 503}};
    for (const auto& [phase, status] : expected) {
        server.present = phase;
        EXPECT_EQ(get("/readyz").status, status) << to_string(phase);
    }
}

TEST_F(admin_routes, show_the_state) {
    server.counted.active = 3;
    server.counted.closed.by_peer = 2;
    server.counted.buffer_budget = 1000;
    server.counted.listeners.push_back(
        {.address = endpoint::parse("tcp://127.0.0.1:9000"), .active = 3, .max_sessions = 10});
    server.threads = {{.index = 0, .active = 3, .blocked_for = 0.12345, .blocked_by = "session \"1\""}};
    const auto state = get("/state");
    EXPECT_EQ(state.type, "application/json");
    for (const char* each :
         {R"({"time":1764386000.123,"uptime":2.5,"version":")",
          R"("phase":"serving","counters":{"accepted":0,"active":3,)", R"("buffer_budget":1000})",
          R"("closed":{"peer":2,)", R"("datagrams":{"received":0,)",
          R"("listeners":[{"listener":"tcp://127.0.0.1:9000","open":true,"accepted":0,"active":3,"max_sessions":10}])",
          R"("shards":[{"index":0,"active":3,"blocked_for":0.123,"blocked_by":"session \"1\""}])",
          R"("histograms":[{"name":"fairlead_handler_seconds","labels":{},"limits":[0.5],"counts":[2,1],"sum":1.25}])"})
        EXPECT_NE(state.body.find(each), std::string::npos) << each << " in " << state.body;
}

TEST_F(admin_routes, leave_what_needs_time_to_the_connection) {
    const auto is = [this]<class Wanted>(const http_request& asked, Wanted) {
        return std::holds_alternative<Wanted>(answer(asked, access, server, 0));
    };
    EXPECT_TRUE(is({.path = "/sessions", .query = "limit=5", .host = "[::1]"}, wants_sessions{}));
    EXPECT_TRUE(is({.path = "/events", .host = "[::1]"}, wants_events{}));
    EXPECT_EQ(ask({.method = "HEAD", .path = "/events", .host = "[::1]"}).type, "text/event-stream");
    EXPECT_EQ(ask({.path = "/sessions", .query = "limit=no", .host = "[::1]"}).status, 400u);
    access.over_unix_socket = true;
    EXPECT_TRUE(is({.method = "POST", .path = "/sessions/7/close"}, wants_closing{}));
}

TEST_F(admin_routes, refuse_other_methods_and_paths) {
    const auto wrong = post("/metrics");
    EXPECT_EQ(wrong.status, 405u);
    EXPECT_EQ(wrong.headers.front(), (std::pair<std::string, std::string>{"Allow", "GET, HEAD"}));
    EXPECT_EQ(get("/drain").headers.front().second, "POST");
    for (const char* each : {"/metric", "/sessions/x/close", "/sessions//close", "/sessions/7", "*", "/../state"})
        EXPECT_EQ(get(each).status, 404u) << each;
}

TEST_F(admin_routes, change_nothing_over_tcp_without_a_token) {
    EXPECT_EQ(post("/drain").status, 403u);
    EXPECT_NE(post("/drain").body.find("--admin-token"), std::string::npos);
    const std::string path = "admin-routes-token-" + std::to_string(::getpid());
    std::ofstream{path} << "0123456789abcdef";
    ::chmod(path.c_str(), 0600);
    access.token = admin_token::read(path);
    std::filesystem::remove(path);
    EXPECT_EQ(post("/drain").status, 401u);
    EXPECT_EQ(post("/drain", "Bearer wrong").status, 401u);
    EXPECT_EQ(server.drained, 0);
    EXPECT_EQ(post("/drain", "Bearer 0123456789abcdef").status, 200u);
    EXPECT_EQ(server.drained, 1);
}

TEST_F(admin_routes, change_what_is_asked_over_a_unix_socket) {
    access.over_unix_socket = true;
    EXPECT_EQ(ask({.method = "POST", .path = "/drain", .host = "any.example"}).status, 200u);
    EXPECT_EQ(server.drained, 1);
    EXPECT_EQ(post("/reload").status, 404u) << "there is nothing";
    server.reloading = [] { return std::string{"limits were changed"}; };
    EXPECT_EQ(post("/reload").body, "{\"done\":\"limits were changed\"}\n");
    server.reloading = []() -> std::string { throw std::runtime_error{"line 3 is wrong"}; };
    EXPECT_EQ(post("/reload").body, "{\"error\":\"line 3 is wrong; nothing was changed\"}\n");
}

TEST_F(admin_routes, let_the_page_run_its_own_script_alone) {
    const http_response page = get("/");
    EXPECT_EQ(page.type, "text/html; charset=utf-8");
    EXPECT_TRUE(page.policy.starts_with("default-src 'none'; script-src 'sha256-")) << page.policy;
    EXPECT_EQ(page.policy.find("unsafe"), std::string::npos) << page.policy;
    EXPECT_NE(page.body.find("<script>"), std::string::npos);
}

} // namespace fairlead::test
