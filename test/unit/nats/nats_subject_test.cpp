#include "nats/nats_subject.hpp"

#include <gtest/gtest.h>
#include <set>
#include <stdexcept>
#include <string>

using namespace std::literals;

namespace fairlead::test {

TEST(nats_subject, has_the_parts_of_the_topic_as_its_tokens) {
    EXPECT_EQ(subject_of("fairlead.", "room/1"), "fairlead.room.1");
    EXPECT_EQ(subject_of("", "prices/EUR_USD-spot"), "prices.EUR_USD-spot");
}

TEST(nats_subject, has_no_wildcard_space_or_empty_token_for_any_topic) {
    EXPECT_EQ(subject_of("p.", "*"), "p.%2A");
    EXPECT_EQ(subject_of("p.", ">"), "p.%3E");
    EXPECT_EQ(subject_of("p.", "a*b.c"), "p.a%2Ab%2Ec");
    EXPECT_EQ(subject_of("p.", ""), "p.%");
    EXPECT_EQ(subject_of("p.", "a//b"), "p.a.%.b");
    EXPECT_EQ(subject_of("p.", "/"), "p.%.%");
    EXPECT_EQ(subject_of("p.", "a b\r\nPUB x 0"), "p.a%20b%0D%0APUB%20x%200");
    EXPECT_EQ(subject_of("p.", "\0\xFF"sv), "p.%00%FF");
    EXPECT_EQ(subject_of("p.", "%"), "p.%25");
}

TEST(nats_subject, differs_for_each_topic) {
    const std::string bytes = "a./%*2";
    std::set<std::string> topics{""};
    for (int round = 0; round < 4; ++round) {
        std::set<std::string> longer = topics;
        for (const std::string& each : topics) {
            for (const char byte : bytes)
                longer.insert(each + byte);
        }
        topics.swap(longer);
    }
    std::set<std::string> subjects;
    for (const std::string& each : topics)
        EXPECT_TRUE(subjects.insert(subject_of("p.", each)).second) << each;
}

TEST(nats_subject, prefix_is_refused_unless_it_is_tokens_that_end_with_a_dot) {
    for (const char* each : {"", "a.", "fairlead.eu-1.chat_2."})
        EXPECT_NO_THROW(check_subject_prefix(each)) << each;
    for (const char* each : {"a", ".", "a..", ".a.", "*.", ">.", "a b.", "a\r\n."})
        EXPECT_THROW(check_subject_prefix(each), std::invalid_argument) << each;
    EXPECT_THROW(check_subject_prefix(std::string(300, 'a') + "."), std::invalid_argument);
}

} // namespace fairlead::test
