#include "support/run.hpp"

#include "runtime/mailbox.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cctype>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

class counting_task final : public end_of_turn_task {
public:
    int runs = 0;

private:
    void end_of_turn() override { ++runs; }
};

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

TEST(shard, does_a_task_once_at_the_end_of_the_turn_however_often_it_was_asked_for) {
    shard home;
    counting_task task;
    int runs_within_turn = -1;
    boost::asio::post(home.executor(), [&] {
        home.at_end_of_turn(task);
        home.at_end_of_turn(task);
        runs_within_turn = task.runs;
    });
    run_ready(home);
    EXPECT_EQ(runs_within_turn, 0);
    EXPECT_EQ(task.runs, 1);
    EXPECT_FALSE(task.linked());
}

TEST(shard, forgets_a_task_that_is_destroyed_before_the_end_of_the_turn) {
    shard home;
    counting_task first;
    counting_task last;
    {
        counting_task gone;
        home.at_end_of_turn(first);
        home.at_end_of_turn(gone);
        home.at_end_of_turn(last);
    }
    run_ready(home);
    EXPECT_EQ(first.runs + last.runs, 2);
}

TEST(shard, goes_on_after_an_exception_left_a_handler) {
    shard home;
    bool reached = false;
    boost::asio::post(home.executor(), [] { throw std::runtime_error{"on purpose"}; });
    boost::asio::post(home.executor(), [&] { reached = true; });
    home.run();
    EXPECT_TRUE(reached);
}

TEST(shard, that_is_polled_goes_on_after_an_exception_left_a_handler) {
    shard home;
    std::string notes;
    boost::asio::post(home.executor(), [] { throw std::runtime_error{"on purpose"}; });
    boost::asio::post(home.executor(), [&] { notes += 'a'; });
    home.poll();
    EXPECT_EQ(notes, "a");
    boost::asio::post(home.executor(), [&] { notes += 'b'; });
    home.poll();
    EXPECT_EQ(notes, "ab");
}

TEST(event, resumes_everybody_who_waits_and_nobody_twice) {
    shard home;
    event changed;
    bool ready = false;
    int resumed = 0;
    for (int i = 0; i < 3; ++i)
        start(home, wait_for(changed, ready, resumed));
    run_ready(home);
    changed.notify();
    EXPECT_EQ(resumed, 0) << "the condition has not changed";
    EXPECT_TRUE(changed.awaited());
    ready = true;
    changed.notify();
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
    changed.notify_later(home.executor());
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

TEST(mailbox, runs_tasks_of_one_thread_in_their_order) {
    shard home;
    std::vector<int> order;
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(home.inbox()->post([&order, i] { order.push_back(i); }));
    run_to_end(home);
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(mailbox, refuses_tasks_once_its_shard_is_gone) {
    auto home = std::make_unique<shard>();
    const auto box = home->inbox();
    auto held = std::make_shared<int>(0);
    EXPECT_TRUE(box->post([held] { FAIL() << "the shard never ran"; }));
    home.reset();
    EXPECT_EQ(held.use_count(), 1) << "what is left in the box is dropped";
    EXPECT_FALSE(box->post([] {}));
}

TEST(runtime, runs_every_shard_on_a_thread_of_its_own_and_the_first_on_the_callers) {
    runtime all{3};
    std::mutex mutex;
    std::set<std::thread::id> threads;
    std::thread::id first;
    for (std::size_t i = 0; i < all.size(); ++i) {
        boost::asio::post(all[i].executor(), [&, i] {
            const std::lock_guard lock{mutex};
            threads.insert(std::this_thread::get_id());
            if (i == 0)
                first = std::this_thread::get_id();
            if (threads.size() == all.size())
                all.stop();
        });
    }
    all.run();
    EXPECT_EQ(threads.size(), 3U);
    EXPECT_EQ(first, std::this_thread::get_id());
}

TEST(runtime, has_a_shard_for_every_core_unless_told_otherwise) {
    EXPECT_EQ(runtime{}.size(), std::max(1U, std::thread::hardware_concurrency()));
    EXPECT_EQ(runtime{1}.size(), 1U);
}

} // namespace fairlead::test
