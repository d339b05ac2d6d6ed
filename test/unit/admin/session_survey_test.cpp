#include "admin/session_survey.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

session_row row_with(std::uint64_t id) {
    session_row row;
    row.id = id;
    return row;
}

} // namespace

TEST(session_survey, joins_the_parts_of_the_shards_in_order_and_up_to_the_limit) {
    session_survey survey{session_query::parse("limit=3&order=desc"), 2};
    survey.deliver(0, 5, 4, {row_with(1), row_with(9)});
    EXPECT_FALSE(survey.complete());
    survey.deliver(1, 7, 7, {row_with(8), row_with(2)});
    EXPECT_TRUE(survey.complete());
    const session_list all = survey.take();
    EXPECT_EQ(all.total, 12u);
    EXPECT_EQ(all.matched, 11u);
    ASSERT_EQ(all.rows.size(), 3u);
    EXPECT_EQ(all.rows[0].id, 9u);
    EXPECT_EQ(all.rows[1].id, 8u);
    EXPECT_EQ(all.rows[2].id, 2u);
    EXPECT_TRUE(all.blocked_shards.empty());
}

TEST(session_survey, names_the_shards_that_have_not_answered) {
    session_survey survey{session_query{}, 3};
    survey.deliver(1, 0, 0, {});
    EXPECT_EQ(survey.take().blocked_shards, (std::vector<std::size_t>{0, 2}));
}

TEST(session_survey, is_written_as_json) {
    session_list found{.total = 1, .matched = 1};
    session_row row = row_with(7);
    row.listener = "unix:///a\"b";
    row.remote = "unix:unnamed";
    row.transport = "unix";
    row.tls = tls_info{};
    row.tls->protocol = "TLSv1.3";
    row.age = 1.5;
    row.state = "receiving";
    row.waits_for = "message";
    row.queued = 3;
    row.counts = {.messages_in = 1, .messages_out = 2, .bytes_in = 3, .bytes_out = 4};
    found.rows.push_back(row);
    found.blocked_shards = {2};
    EXPECT_EQ(to_json(found),
              R"({"total":1,"matched":1,"blocked_shards":[2],"sessions":[{"id":7,"listener":"unix:///a\"b",)"
              R"("remote":"unix:unnamed","transport":"unix","tls":{"version":"TLSv1.3","cipher":"","server_name":"",)"
              R"("alpn":""},"age":1.5,"state":"receiving","waits_for":"message","queued":3,"messages_in":1,)"
              R"("messages_out":2,"bytes_in":3,"bytes_out":4}]})");
}

TEST(session_closing, is_over_when_the_session_was_found_or_all_shards_have_answered) {
    session_closing one{7, 2};
    one.answer(0);
    EXPECT_EQ(one.present(), session_closing::outcome::pending);
    EXPECT_EQ(one.silent_shards(), std::vector<std::size_t>{1});
    one.answer(1);
    EXPECT_EQ(one.present(), session_closing::outcome::unknown);
    session_closing other{7, 2};
    other.found();
    EXPECT_EQ(other.present(), session_closing::outcome::closed);
}

} // namespace fairlead::test
