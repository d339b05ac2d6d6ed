#include "core/intrusive_list.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace fairlead::test {

struct item : list_hook<item> {
    explicit item(char with) : name{with} {}
    char name;
};

std::string names(const intrusive_list<item>& list) {
    std::string all;
    for (const item* each = list.front(); each; each = list.after(*each))
        all += each->name;
    return all;
}

TEST(intrusive_list, has_the_newest_in_front) {
    intrusive_list<item> list;
    EXPECT_TRUE(list.empty());
    item a{'a'}, b{'b'};
    list.push_front(a);
    list.push_front(b);
    EXPECT_EQ(names(list), "ba");
    EXPECT_TRUE(a.linked());
}

TEST(intrusive_list, is_left_by_an_object_that_is_destroyed) {
    intrusive_list<item> list;
    auto first = std::make_unique<item>('1'), middle = std::make_unique<item>('2'), last = std::make_unique<item>('3');
    for (item* const each : {last.get(), middle.get(), first.get()})
        list.push_front(*each);
    middle.reset();
    EXPECT_EQ(names(list), "13");
    first.reset();
    EXPECT_EQ(names(list), "3");
    last.reset();
    EXPECT_TRUE(list.empty());
}

TEST(intrusive_list, takes_an_object_behind_another_one) {
    intrusive_list<item> list;
    item a{'a'}, b{'b'}, c{'c'};
    list.push_front(a);
    list.insert_after(a, c);
    list.insert_after(a, b);
    EXPECT_EQ(names(list), "abc");
    b.unlink();
    EXPECT_EQ(names(list), "ac");
    a.unlink();
    c.unlink();
    EXPECT_TRUE(list.empty());
}

TEST(intrusive_list, may_be_left_twice_and_entered_again) {
    intrusive_list<item> list;
    item a{'a'};
    a.unlink();
    list.push_front(a);
    a.unlink();
    a.unlink();
    EXPECT_FALSE(a.linked());
    list.push_front(a);
    EXPECT_EQ(names(list), "a");
}

TEST(intrusive_list, takes_over_all_of_another) {
    intrusive_list<item> list, other;
    item a{'a'}, b{'b'};
    other.push_front(a);
    other.push_front(b);
    list.take(other);
    EXPECT_TRUE(other.empty());
    b.unlink();
    EXPECT_EQ(names(list), "a");
    other.push_front(b);
    EXPECT_EQ(names(list), "a");
    EXPECT_EQ(names(other), "b");
}

} // namespace fairlead::test
