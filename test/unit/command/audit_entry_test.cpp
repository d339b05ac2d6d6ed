#include "audit/audit_entry.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

namespace fairlead::command {

namespace {

constexpr audit_time some_time{std::chrono::milliseconds{1'767'323'045'678}};

endpoint some_peer() {
    return {};
}

} // namespace

TEST(audit_entry, is_one_line_of_json_with_the_time_in_utc) {
    const stored_file what{.from = some_peer(), .name = "a.txt", .size = 5, .hash = "0b5e", .durable = false};
    EXPECT_EQ(stored_entry(some_time, what, "/srv/in"),
              R"({"time":"2026-01-02T03:04:05.678Z","event":"stored","peer":")" + some_peer().to_string() +
                  R"(","name":"a.txt","size":5,"hash":"0b5e","durable":false,"directory":"/srv/in"})"
                  "\n");
    EXPECT_EQ(lost_entry(some_time, 7), R"({"time":"2026-01-02T03:04:05.678Z","event":"lost","lines":7})"
                                        "\n");
}

TEST(audit_entry, tells_a_refused_file_from_one_that_failed_later_and_why) {
    failed_file what{
        .from = some_peer(), .name = "a", .received = 3, .kept = 2, .why = "the disk is full", .code = "space"};
    const auto failed = nlohmann::json::parse(failed_entry(some_time, what, "in"));
    EXPECT_EQ(failed["event"], "failed");
    EXPECT_EQ(failed["code"], "space");
    EXPECT_EQ(failed["reason"], "the disk is full");
    EXPECT_EQ(failed["received"], 3);
    EXPECT_EQ(failed["kept"], 2);
    what.refused = true;
    EXPECT_EQ(nlohmann::json::parse(failed_entry(some_time, what, "in"))["event"], "refused");
    what.code = "";
    EXPECT_TRUE(nlohmann::json::parse(failed_entry(some_time, what, "in"))["code"].is_null());
    const auto peer = nlohmann::json::parse(refused_peer_entry(some_time, some_peer(), "too many"));
    EXPECT_EQ(peer["event"], "refused_peer");
    EXPECT_EQ(peer["reason"], "too many");
}

TEST(audit_entry, is_printable_ascii_whatever_a_name_holds) {
    const std::string name = "a\"\\\n\r\x1B[2J\x7F\u202E\u2066\u0085\u2028船.txt";
    const std::string line = stored_entry(some_time, {.from = some_peer(), .name = name, .hash = ""}, "in");
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    for (const char byte : line.substr(0, line.size() - 1))
        EXPECT_TRUE(byte >= 0x20 && byte < 0x7F) << int{byte};
    EXPECT_EQ(nlohmann::json::parse(line)["name"], name);
}

TEST(audit_entry, of_a_name_that_is_no_utf8_is_json_all_the_same) {
    const std::string line = stored_entry(some_time, {.from = some_peer(), .name = "a\xFF\xC3.txt", .hash = ""}, "in");
    EXPECT_EQ(nlohmann::json::parse(line)["name"], "a\uFFFD\uFFFD.txt");
}

} // namespace fairlead::command
