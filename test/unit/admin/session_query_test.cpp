#include "admin/session_query.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::test {

TEST(session_query, has_defaults) {
    const session_query plain = session_query::parse("");
    EXPECT_EQ(plain.sort, session_field::id);
    EXPECT_FALSE(plain.descending);
    EXPECT_EQ(plain.limit, 100u);
    EXPECT_FALSE(plain.filters());
}

TEST(session_query, reads_each_part) {
    const session_query read = session_query::parse(
        "sort=queued&order=desc&limit=1000&listener=tcp%3A%2F%2F&remote=a+b&state=receiving&&transport=udp");
    EXPECT_EQ(read.sort, session_field::queued);
    EXPECT_TRUE(read.descending);
    EXPECT_EQ(read.limit, 1000u);
    EXPECT_EQ(read.listener, "tcp://");
    EXPECT_EQ(read.remote, "a b");
    EXPECT_EQ(read.state, "receiving");
    EXPECT_EQ(read.transport, "udp");
}

TEST(session_query, refuses_what_it_does_not_know_and_says_what_it_knows) {
    const auto refusal = [](const char* text) -> std::string {
        try {
            session_query::parse(text);
        } catch (const std::invalid_argument& refused) {
            return refused.what();
        }
        return "";
    };
    EXPECT_NE(refusal("sort=size").find("id, age, queued"), std::string::npos);
    EXPECT_NE(refusal("order=up").find("asc or desc"), std::string::npos);
    for (const char* each : {"limit=0", "limit=1001", "limit=-1", "limit=", "limit=5x"})
        EXPECT_NE(refusal(each).find("1 to 1000"), std::string::npos) << each;
    EXPECT_NE(refusal("limits=5").find("limits"), std::string::npos);
}

TEST(session_query, matches_texts_that_contain_what_is_asked_for) {
    session_row row;
    row.remote = "tcp://10.0.0.7:51000";
    row.transport = "tcp";
    EXPECT_TRUE(session_query::parse("remote=10.0.0.&transport=tcp").matches(row));
    EXPECT_FALSE(session_query::parse("remote=10.0.1.").matches(row));
    EXPECT_FALSE(session_query::parse("remote=10.0.0.&transport=unix").matches(row));
}

TEST(session_rank, orders_by_the_field_and_then_by_the_number_of_the_session) {
    session_row few, many;
    few.id = 2;
    few.queued = 1;
    few.remote = "b";
    many.id = 1;
    many.queued = 5;
    many.remote = "a";
    const auto first = [&](session_field field, bool descending) {
        return comes_before(session_rank::of(few, field), session_rank::of(many, field), descending) ? 2 : 1;
    };
    EXPECT_EQ(first(session_field::queued, false), 2);
    EXPECT_EQ(first(session_field::queued, true), 1);
    EXPECT_EQ(first(session_field::remote, false), 1);
    EXPECT_EQ(first(session_field::age, false), 1) << "both have the same age";
}

} // namespace fairlead::test
