#include "tls/ticket_keys.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <new>
#include <stdexcept>
#include <string>

using namespace std::literals;

namespace fairlead::test {

namespace {

constexpr ticket_keys::time_point begin{1000h};

bool is_current(ticket_keys& keys, const ticket_key& key, ticket_keys::time_point now) {
    const auto found = keys.find(key.name, now);
    return found && found->is_current;
}

} // namespace

TEST(ticket_keys, leave_nothing_in_memory) {
    alignas(ticket_key) unsigned char place[sizeof(ticket_key)];
    auto* const key = new (place) ticket_key;
    key->cipher.fill(7);
    key->mac.fill(7);
    key->~ticket_key();
    const volatile unsigned char* const left = place;
    for (std::size_t i = 0; i < sizeof place; ++i)
        EXPECT_NE(left[i], 7) << i;
}

TEST(ticket_keys, are_found_by_their_names) {
    ticket_keys keys{begin};
    const ticket_key first = keys.current(begin);
    const auto found = keys.find(first.name, begin);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->is_current);
    EXPECT_EQ(found->key.cipher, first.cipher);
    EXPECT_EQ(found->key.mac, first.mac);
    ticket_key other = first;
    other.name[15] ^= 1;
    EXPECT_FALSE(keys.find(other.name, begin));
}

TEST(ticket_keys, are_replaced_after_a_period_and_accepted_for_another) {
    ticket_keys keys{begin};
    const ticket_key first = keys.current(begin);
    EXPECT_EQ(keys.current(begin + ticket_keys::period - 1s).name, first.name);
    const ticket_key second = keys.current(begin + ticket_keys::period);
    EXPECT_NE(second.name, first.name);
    EXPECT_TRUE(keys.find(first.name, begin + ticket_keys::period * 2 - 1s));
    EXPECT_FALSE(is_current(keys, first, begin + ticket_keys::period * 2 - 1s));
    EXPECT_TRUE(is_current(keys, second, begin + ticket_keys::period * 2 - 1s));
    EXPECT_FALSE(keys.find(first.name, begin + ticket_keys::period * 2));
    EXPECT_TRUE(keys.find(second.name, begin + ticket_keys::period * 2));
}

TEST(ticket_keys, rotate_as_often_as_periods_have_passed) {
    ticket_keys keys{begin};
    const ticket_key first = keys.current(begin);
    EXPECT_FALSE(keys.find(first.name, begin + 24h * 365));
    const ticket_key later = keys.current(begin + 24h * 365);
    EXPECT_TRUE(is_current(keys, later, begin + 24h * 365 + ticket_keys::period - 1s));
}

TEST(ticket_keys, are_all_different) {
    ticket_keys keys{begin};
    const ticket_key first = keys.current(begin);
    const ticket_key second = keys.current(begin + ticket_keys::period);
    EXPECT_NE(first.cipher, second.cipher);
    EXPECT_NE(first.mac, second.mac);
    EXPECT_NE(first.cipher, first.mac);
}

TEST(ticket_keys, go_on_in_another_process) {
    ticket_keys keys{begin};
    const ticket_key first = keys.current(begin);
    const std::string text = keys.to_text(begin + 1h);
    const auto later = begin + 5h; // of another clock
    ticket_keys others{text, later};
    EXPECT_TRUE(is_current(others, first, later));
    EXPECT_EQ(others.current(later).mac, first.mac);
    EXPECT_TRUE(is_current(others, first, later + ticket_keys::period - 1h - 1s));
    EXPECT_FALSE(is_current(others, first, later + ticket_keys::period - 1h));
    EXPECT_EQ(others.current(later + 12h).cipher, keys.current(begin + 13h).cipher);
}

TEST(ticket_keys, of_another_text_are_refused) {
    ticket_keys keys{begin};
    const std::string text = keys.to_text(begin);
    for (const std::string& each : {""s, "x"s, "-1 "s + text.substr(2), text.substr(1), text + "0",
                                    text.substr(0, text.size() - 1), text.substr(0, text.size() - 1) + "x"})
        EXPECT_THROW((ticket_keys{each, begin}), std::invalid_argument) << each;
}

} // namespace fairlead::test
