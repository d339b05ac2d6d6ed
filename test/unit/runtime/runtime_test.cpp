#include "runtime/shard_core.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <future>
#include <gtest/gtest.h>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace fairlead::test {

namespace {

boost::asio::awaitable<void> note(std::string& notes, char what) {
    notes += what;
    co_return;
}

boost::asio::awaitable<void> fail() {
    throw std::runtime_error{"on purpose"};
    co_return;
}

boost::asio::awaitable<void> wait_for(event& changed, const bool& ready) {
    while (!ready)
        co_await changed.wait();
}

/// An event that lives on a shard: whoever waits for it when the shard ends is destroyed with it.
class signal final : private shutdown_hook {
public:
    explicit signal(shard& home) : shutdown_hook{core_of(home)}, home_{home} {}

    boost::asio::awaitable<void> wait() {
        while (!given)
            co_await changed_.wait();
    }
    void give() {
        given = true;
        changed_.notify();
    }

    bool given = false;

private:
    void on_shard_shutdown() override { changed_.notify_later(home_.get_executor()); }

    shard& home_;
    event changed_;
};

boost::asio::awaitable<void> wait_in_vain(shard& home, std::shared_ptr<int> held) {
    signal never{home};
    co_await never.wait();
    held.reset();
}

boost::asio::awaitable<std::thread::id> tell_thread() {
    co_return std::this_thread::get_id();
}

boost::asio::awaitable<int> square(int number) {
    co_return number* number;
}

std::ptrdiff_t count_descriptors() {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {});
}

boost::asio::awaitable<void> count_at_first_and_once_all_have_run(runtime& home, std::ptrdiff_t (&counted)[2]) {
    counted[0] = count_descriptors();
    for (std::size_t i = 1; i < home.size(); ++i)
        co_await boost::asio::co_spawn(home[i].get_executor(), tell_thread(), boost::asio::use_awaitable);
    counted[1] = count_descriptors();
}

} // namespace

TEST(runtime, holds_all_descriptors_it_needs_when_its_program_begins) {
    for (int i = 0; i < 10; ++i) {
        runtime home{4};
        std::ptrdiff_t counted[2] = {};
        home.run(count_at_first_and_once_all_have_run(home, counted));
        EXPECT_EQ(counted[0], counted[1]);
    }
}

TEST(runtime, runs_a_program_on_the_calling_thread_and_ends_with_it) {
    runtime home{2};
    std::string notes;
    home.run(note(notes, 'a'));
    EXPECT_EQ(notes, "a");
}

TEST(runtime, throws_what_its_program_throws) {
    runtime home{1};
    try {
        home.run(fail());
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& thrown) {
        EXPECT_STREQ(thrown.what(), "on purpose");
    }
}

TEST(runtime, runs_one_program_after_the_other) {
    runtime home{2};
    std::string notes;
    home.run(note(notes, 'a'));
    EXPECT_THROW(home.run(fail()), std::runtime_error);
    home.run(note(notes, 'b'));
    EXPECT_EQ(notes, "ab");
}

TEST(runtime, goes_on_while_its_program_waits_for_something_that_is_no_socket) {
    runtime home{1};
    event changed;
    bool ready = false;
    std::jthread other{[&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        boost::asio::post(home[0].get_executor(), [&] {
            ready = true;
            changed.notify();
        });
    }};
    home.run(wait_for(changed, ready));
    EXPECT_TRUE(ready);
}

TEST(runtime, that_is_stopped_before_its_program_ends_says_so_and_leaks_nothing) {
    const auto held = std::make_shared<int>();
    {
        runtime home{2};
        boost::asio::post(home[1].get_executor(), [&] { home.stop(); });
        EXPECT_THROW(home.run(wait_in_vain(home[0], held)), std::runtime_error);
        EXPECT_EQ(held.use_count(), 2);
    }
    EXPECT_EQ(held.use_count(), 1);
}

TEST(runtime, goes_on_with_what_waited_when_it_runs_again) {
    runtime home{1};
    signal later{home[0]};
    std::string notes;
    boost::asio::co_spawn(home[0].get_executor(), later.wait(), [&](std::exception_ptr) { notes += 'b'; });
    home.run(note(notes, 'a'));
    EXPECT_EQ(notes, "a");
    boost::asio::post(home[0].get_executor(), [&] { later.give(); });
    while (notes == "a")
        home.run(note(notes, '.'));
    EXPECT_NE(notes.find('b'), std::string::npos);
}

TEST(runtime, answers_other_threads_by_futures) {
    runtime home{2};
    std::jthread serving{[&] { home.run(); }};
    const auto thread = boost::asio::co_spawn(home[0].get_executor(), tell_thread(), boost::asio::use_future).get();
    EXPECT_EQ(thread, serving.get_id());
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
        callers.emplace_back([&home, caller] {
            for (int i = 0; i < 200; ++i) {
                shard& where = home[static_cast<std::size_t>(i) % 2];
                auto squared = boost::asio::co_spawn(where.get_executor(), square(i * caller), boost::asio::use_future);
                EXPECT_EQ(squared.get(), i * caller * i * caller);
            }
        });
    }
    callers.clear();
    auto failed = boost::asio::co_spawn(home[1].get_executor(), fail(), boost::asio::use_future);
    EXPECT_THROW(failed.get(), std::runtime_error);
    home.stop();
}

TEST(runtime, breaks_the_promises_it_cannot_keep) {
    auto home = std::make_unique<runtime>(1);
    auto never =
        boost::asio::co_spawn((*home)[0].get_executor(), wait_in_vain((*home)[0], nullptr), boost::asio::use_future);
    (*home)[0].poll();
    home.reset();
    EXPECT_THROW(never.get(), std::future_error);
}

TEST(runtime, runs_every_shard_on_a_thread_of_its_own_and_the_first_on_the_callers) {
    runtime all{3};
    std::mutex mutex;
    std::set<std::thread::id> threads;
    std::thread::id first;
    for (std::size_t i = 0; i < all.size(); ++i) {
        boost::asio::post(all[i].get_executor(), [&, i] {
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
