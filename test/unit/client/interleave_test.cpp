#include "client/interleave.hpp"
#include "net/resolve.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

endpoint at(char name) {
    const bool six = name >= 'A' && name <= 'Z';
    const std::string number = std::to_string(six ? name - 'A' + 1 : name - 'a' + 1);
    return *resolve_literal(url::parse(six ? "tcp://[::" + number + "]:1" : "tcp://127.0.0." + number + ":1"));
}

/// Capitals are of IPv6, small letters of IPv4.
std::string order(const std::string& names) {
    std::vector<endpoint> addresses;
    for (const char each : names)
        addresses.push_back(at(each));
    std::string ordered;
    for (const endpoint& each : interleave(addresses)) {
        for (const char name : names) {
            if (each == at(name))
                ordered += name;
        }
    }
    return ordered;
}

} // namespace

TEST(interleave, takes_the_families_in_turn_and_begins_with_that_of_the_first_address) {
    EXPECT_EQ(order("ABCab"), "AaBbC");
    EXPECT_EQ(order("abcA"), "aAbc");
    EXPECT_EQ(order("AaBbCc"), "AaBbCc");
    EXPECT_EQ(order("aABb"), "aAbB");
    EXPECT_EQ(order("Aabcd"), "Aabcd");
}

TEST(interleave, leaves_one_family_as_it_is) {
    EXPECT_EQ(order(""), "");
    EXPECT_EQ(order("b"), "b");
    EXPECT_EQ(order("cab"), "cab");
    EXPECT_EQ(order("BAC"), "BAC");
}

} // namespace fairlead::test
