#include "server/web_decision.hpp"

#include "integration/support/temporary_directory.hpp"

#include <fairlead/handlers/echo.hpp>

#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <variant>

namespace fairlead::test {

namespace {

web_rules rules_with(const websocket_server_options& options = {}) {
    return {url::parse("ws://127.0.0.1:8080/chat"), websocket{}, echo(), options};
}

http_request upgrade_to(std::string path, std::string origin = "") {
    http_request asked{.path = std::move(path), .host = "chat.example:8080"};
    asked.upgrade = {.upgrade = "websocket",
                     .connection = "Upgrade",
                     .origin = std::move(origin),
                     .key = "dGhlIHNhbXBsZSBub25jZQ==",
                     .version = "13"};
    return asked;
}

http_request get(std::string path) {
    return {.path = std::move(path), .host = "chat.example:8080"};
}

unsigned status(const http_request& asked, const web_rules& rules) {
    const auto decided = decide(asked, rules);
    if (const auto* const response = std::get_if<http_response>(&decided))
        return response->status;
    return std::holds_alternative<web_upgrade>(decided) ? 101 : 200;
}

} // namespace

TEST(web_decisions, begin_a_session_at_the_path_of_a_handler_alone) {
    const web_rules rules = rules_with({.paths = {{"/feed", echo()}}});
    EXPECT_EQ(status(upgrade_to("/chat"), rules), 101u);
    EXPECT_EQ(status(upgrade_to("/feed"), rules), 101u);
    EXPECT_EQ(status(upgrade_to("/"), rules), 404u);
    EXPECT_EQ(status(upgrade_to("/chat/"), rules), 404u);
    EXPECT_EQ(status(get("/chat"), rules), 426u);
    EXPECT_EQ(status(get("/"), rules), 404u);
}

TEST(web_decisions, allow_pages_of_the_same_host_and_of_the_named_origins) {
    const web_rules closed = rules_with(), named = rules_with({.origins = {"https://a.example"}}),
                    open = rules_with({.origins = {"*"}});
    EXPECT_EQ(status(upgrade_to("/chat"), closed), 101u) << "no browser";
    EXPECT_EQ(status(upgrade_to("/chat", "http://chat.example:8080"), closed), 101u);
    EXPECT_EQ(status(upgrade_to("/chat", "http://chat.example"), closed), 403u) << "another port";
    EXPECT_EQ(status(upgrade_to("/chat", "null"), closed), 403u) << "a page of a file";
    EXPECT_EQ(status(upgrade_to("/chat", "https://a.example"), named), 101u);
    EXPECT_EQ(status(upgrade_to("/chat", "https://a.example.evil"), named), 403u);
    EXPECT_EQ(status(upgrade_to("/chat", "http://chat.example:8080"), named), 403u) << "only those that are named";
    EXPECT_EQ(status(upgrade_to("/chat", "https://evil.example"), open), 101u);
}

TEST(web_decisions, tell_of_an_origin_without_control_characters) {
    const auto decided = decide(upgrade_to("/chat", "https://\x1B[2J"), rules_with());
    EXPECT_NE(std::get<http_response>(decided).body.find(R"('https://\x1B[2J')"), std::string::npos);
}

TEST(web_decisions, tell_no_stranger_which_paths_there_are) {
    for (const http_request& asked : {upgrade_to("/"), get("/")})
        EXPECT_EQ(std::get<http_response>(decide(asked, rules_with())).body, "there is no WebSocket at this path\n");
    EXPECT_EQ(rules_with({.paths = {{"/feed", echo()}}}).listed_paths(), "/chat, /feed");
}

TEST(web_decisions, give_each_path_its_own_messages_and_subprotocols) {
    const websocket text{{.messages = websocket_messages::text, .max_message = 5'000'000}};
    const websocket_path feed{.path = "/feed", .serve = echo(), .messages = text, .subprotocols = {{"feed.v1"}}};
    const web_rules rules = rules_with({.paths = {feed, {"/more", echo()}}, .subprotocols = {"v1"}});
    const auto found = [&rules](std::string path) {
        http_request asked = upgrade_to(std::move(path));
        asked.upgrade.protocols = "v1, feed.v1";
        const auto decided = decide(asked, rules);
        const auto& wanted = std::get<web_upgrade>(decided);
        return wanted.at.messages->to_string() + " " + wanted.subprotocol;
    };
    EXPECT_EQ(found("/chat"), "websocket v1");
    EXPECT_EQ(found("/feed"), "websocket:text feed.v1");
    EXPECT_EQ(found("/more"), "websocket v1");
    EXPECT_EQ(rules.max_message(), 5'000'000u);
    EXPECT_THROW(rules_with({.paths = {{.path = "/a", .serve = echo(), .subprotocols = {{"a b"}}}}}),
                 std::invalid_argument);
}

TEST(web_decisions, agree_on_the_best_subprotocol_of_the_server) {
    const web_rules rules = rules_with({.subprotocols = {"v2", "v1"}});
    http_request asked = upgrade_to("/chat");
    const auto agreed = [&] { return std::get<web_upgrade>(decide(asked, rules)).subprotocol; };
    EXPECT_EQ(agreed(), "");
    asked.upgrade.protocols = "v1, v2";
    EXPECT_EQ(agreed(), "v2");
    asked.upgrade.protocols = "v3";
    EXPECT_EQ(agreed(), "");
}

TEST(web_decisions, give_files_to_get_and_head) {
    const temporary_directory folder;
    const web_rules rules = rules_with({.files = folder.path().string()});
    http_request asked = get("/page.html");
    EXPECT_EQ(status(asked, rules), 200u);
    asked.method = "HEAD";
    EXPECT_EQ(status(asked, rules), 200u);
    asked.method = "POST";
    EXPECT_EQ(status(asked, rules), 405u);
    EXPECT_EQ(status(get("/chat"), rules), 426u) << "the path of a handler is none of a file";
}

TEST(web_decisions, leave_requests_for_other_protocols_as_they_are) {
    const temporary_directory folder;
    http_request asked = get("/page.html");
    asked.upgrade.upgrade = "h2c";
    EXPECT_EQ(status(asked, rules_with({.files = folder.path().string()})), 200u);
    EXPECT_FALSE(wants_websocket(asked));
    EXPECT_TRUE(wants_websocket(upgrade_to("/")));
}

TEST(web_decisions, give_the_first_page_also_where_it_has_a_handler) {
    const temporary_directory folder;
    const web_rules rules{url::parse("ws://127.0.0.1:8080/"), websocket{}, echo(), {.files = folder.path().string()}};
    EXPECT_EQ(status(get("/"), rules), 200u);
    EXPECT_EQ(status(upgrade_to("/"), rules), 101u);
}

TEST(web_files, are_the_regular_ones_of_one_directory) {
    const temporary_directory folder;
    std::ofstream{folder / "index.html"} << "index";
    std::ofstream{folder / "data.bin"} << "data";
    std::ofstream{folder / ".hidden"} << "hidden";
    std::filesystem::create_directory(folder / "more");
    std::ofstream{folder / "more" / "a.txt"} << "more";
    std::filesystem::create_symlink("/etc/passwd", folder / "passwd");
    const web_files files{folder.path().string()};
    const auto index = files.open("/");
    EXPECT_EQ(std::get<web_file>(index).read(0, 100).value(), "index");
    EXPECT_EQ(std::get<web_file>(index).read(3, 100).value(), "ex");
    EXPECT_EQ(std::get<web_file>(index).read(1, 2).value(), "nd");
    EXPECT_EQ(std::get<web_file>(index).read(9, 100).value(), "");
    EXPECT_EQ(std::get<web_file>(index).type, "text/html; charset=utf-8");
    EXPECT_EQ(std::get<web_file>(files.open("/data.bin")).type, "application/octet-stream");
    for (const char* const path : {"/.hidden", "/more", "/more/a.txt", "/passwd", "/../etc/passwd", "/%2e%2e", "/none",
                                   "", "//", "/a b", "/index.html/"})
        EXPECT_EQ(std::get<http_response>(files.open(path)).status, 404u) << path;
    EXPECT_THROW(web_files{(folder / "index.html").string()}, boost::system::system_error);
}

TEST(web_files, above_their_limit_are_not_read) {
    const temporary_directory folder;
    std::ofstream{folder / "large"} << "x";
    std::filesystem::resize_file(folder / "large", web_files::max_size + 1);
    const auto opened = web_files{folder.path().string()}.open("/large");
    const auto& refused = std::get<http_response>(opened);
    EXPECT_EQ(refused.status, 404u);
    EXPECT_NE(refused.body.find("larger than 16777216 bytes"), std::string::npos) << refused.body;
}

} // namespace fairlead::test
