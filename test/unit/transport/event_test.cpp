#include "support/run.hpp"

#include <fairlead/transport/event.hpp>

#include <algorithm>
#include <cctype>
#include <span>
#include <stdexcept>
#include <string>

namespace fairlead::test {

namespace {

/// Notes who was told that it waits no more, in capitals of what did not happen.
class listener final : public event::waiter {
public:
    listener(std::string& notes, char name) : notes_{notes}, name_{name} {}

private:
    void leave(bool resumed) override { notes_ += resumed ? name_ : static_cast<char>(std::toupper(name_)); }

    std::string& notes_;
    const char name_;
};

boost::asio::awaitable<void> wait_for(event& changed, const bool& ready, int& resumed) {
    while (!ready)
        co_await changed.wait();
    ++resumed;
}

} // namespace

TEST(event, resumes_everybody_who_waits_and_nobody_twice) {
    shard home;
    event changed;
    bool ready = false;
    int resumed = 0;
    for (int i = 0; i < 3; ++i)
        start(home, wait_for(changed, ready, resumed));
    run_ready(home);
    changed.notify();
    run_ready(home);
    EXPECT_EQ(resumed, 0) << "the condition has not changed";
    EXPECT_TRUE(changed.awaited());
    ready = true;
    changed.notify();
    run_ready(home);
    EXPECT_EQ(resumed, 3);
    EXPECT_FALSE(changed.awaited());
    changed.notify();
    run_to_end(home);
}

TEST(event, resumes_in_a_later_turn_when_asked_to) {
    shard home;
    event changed;
    bool ready = false;
    int resumed = 0;
    start(home, wait_for(changed, ready, resumed));
    run_ready(home);
    ready = true;
    changed.notify_later(home.get_executor());
    EXPECT_EQ(resumed, 0);
    run_to_end(home);
    EXPECT_EQ(resumed, 1);
}

TEST(event, tells_those_without_a_coroutine_once_and_in_their_order) {
    std::string notes;
    listener a{notes, 'a'}, b{notes, 'b'};
    event changed;
    changed.add(a);
    changed.add(b);
    changed.notify();
    changed.notify();
    EXPECT_EQ(notes, "ab");
    changed.add(a);
    changed.notify();
    EXPECT_EQ(notes, "aba");
}

TEST(event, tells_those_without_a_coroutine_when_it_goes) {
    std::string notes;
    listener a{notes, 'a'}, b{notes, 'b'};
    {
        event changed;
        changed.add(a);
        changed.add(b);
    }
    std::sort(notes.begin(), notes.end());
    EXPECT_EQ(notes, "AB");
}

TEST(event, forgets_one_that_is_removed_before_it_is_told_later) {
    shard home;
    std::string notes;
    listener a{notes, 'a'}, b{notes, 'b'};
    event changed;
    changed.add(a);
    changed.add(b);
    changed.notify_later(home.get_executor());
    changed.remove(a);
    run_to_end(home);
    EXPECT_EQ(notes, "b");
}

TEST(event, resumes_all_before_it_passes_on_what_one_of_them_threw) {
    std::string notes;
    listener a{notes, 'a'};
    event changed;
    changed.wait()([] { throw std::runtime_error{"first"}; });
    changed.add(a);
    changed.wait()([] { throw std::runtime_error{"second"}; });
    try {
        changed.notify();
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& thrown) {
        EXPECT_STREQ(thrown.what(), "first");
    }
    EXPECT_EQ(notes, "a");
}

TEST(event, forgets_who_does_not_wait_any_more) {
    for (const char gone : {'a', 'b', 'c', 'd'}) {
        std::string notes;
        std::string expected;
        listener all[] = {{notes, 'a'}, {notes, 'b'}, {notes, 'c'}, {notes, 'd'}};
        event changed;
        for (listener& each : std::span{all}.first(3))
            changed.add(each);
        changed.remove(all[gone - 'a']);
        changed.notify();
        for (const char each : {'a', 'b', 'c'}) {
            if (each != gone)
                expected += each;
        }
        EXPECT_EQ(notes, expected);
    }
}

} // namespace fairlead::test
