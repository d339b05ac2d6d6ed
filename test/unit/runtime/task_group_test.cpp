#include "support/cancellable.hpp"
#include "support/run.hpp"

#include <fairlead/task_group.hpp>
#include <fairlead/testkit/manual_clock.hpp>
#include <fairlead/transport/event.hpp>

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

class task_groups : public ::testing::Test {
protected:
    /// Notes that a local variable of a task or of the caller was destroyed.
    struct local {
        lines& seen;
        std::string name;
        ~local() { seen.push_back(name); }
    };

    static asio::awaitable<void> sleep(task_groups& test, std::string name, std::chrono::milliseconds time) {
        test.seen.push_back(name + " begins");
        co_await test.home.sleep_for(time);
        test.seen.push_back(name + " ends");
    }

    static asio::awaitable<void> sleep_with_local(task_groups& test, std::string name) {
        const local kept{test.seen, name + " is gone"};
        co_await test.home.sleep_for(1h);
    }

    static asio::awaitable<void> fail_after(task_groups& test, std::chrono::milliseconds time, std::string why) {
        co_await test.home.sleep_for(time);
        throw std::runtime_error{why};
    }

    static asio::awaitable<void> run(task_groups& test, std::size_t limit, task_body body) {
        const local kept{test.seen, "the caller is gone"};
        try {
            co_await with_tasks(limit, std::move(body));
            test.seen.push_back("done");
        } catch (const std::exception& thrown) {
            test.seen.push_back(std::string{"thrown: "} + thrown.what());
        }
    }

    void begin(std::size_t limit, task_body body) {
        start(home, run(*this, limit, std::move(body)));
        run_ready(home);
    }

    void pass(std::chrono::milliseconds time) {
        clock.advance(time);
        run_ready(home);
    }

    lines seen;
    shard home;
    testkit::manual_clock clock{home};
};

} // namespace

TEST_F(task_groups, return_when_the_body_and_all_tasks_have_ended) {
    begin(2, [this](task_group& tasks) -> asio::awaitable<void> {
        co_await tasks.start(sleep(*this, "a", 2s));
        co_await tasks.start(sleep(*this, "b", 1s));
        EXPECT_EQ(tasks.size(), 2u);
        seen.push_back("the body ends");
    });
    EXPECT_EQ(seen, (lines{"a begins", "b begins", "the body ends"}));
    pass(1s);
    EXPECT_EQ(seen.back(), "b ends");
    pass(1s);
    EXPECT_EQ(seen, (lines{"a begins", "b begins", "the body ends", "b ends", "a ends", "done", "the caller is gone"}));
}

TEST_F(task_groups, return_when_there_was_no_task) {
    begin(1, [](task_group&) -> asio::awaitable<void> { co_return; });
    EXPECT_EQ(seen, (lines{"done", "the caller is gone"}));
}

TEST_F(task_groups, run_no_more_tasks_than_the_limit) {
    begin(2, [this](task_group& tasks) -> asio::awaitable<void> {
        for (const char* const name : {"a", "b", "c"})
            co_await tasks.start(sleep(*this, name, 1s));
        seen.push_back("all are started");
    });
    EXPECT_EQ(seen, (lines{"a begins", "b begins"}));
    pass(1s);
    EXPECT_EQ(seen[2], "a ends");
    EXPECT_NE(std::ranges::find(seen, "c begins"), seen.end());
    pass(1s);
    EXPECT_EQ(seen[seen.size() - 3], "c ends");
}

TEST_F(task_groups, wait_for_a_place_for_any_and_for_all_tasks) {
    begin(2, [this](task_group& tasks) -> asio::awaitable<void> {
        co_await tasks.wait_any();
        co_await tasks.wait_all();
        co_await tasks.wait_for_place();
        co_await tasks.start(sleep(*this, "a", 1s));
        co_await tasks.wait_for_place();
        co_await tasks.start(sleep(*this, "b", 2s));
        seen.push_back("waits for one");
        co_await tasks.wait_any();
        seen.push_back("waits for all");
        co_await tasks.wait_all();
        seen.push_back("the body ends");
    });
    EXPECT_EQ(seen.back(), "waits for one");
    pass(1s);
    EXPECT_EQ(seen.back(), "waits for all");
    pass(1s);
    EXPECT_EQ(seen[seen.size() - 3], "the body ends");
}

TEST_F(task_groups, end_tasks_that_are_cancelled_without_an_error) {
    begin(3, [this](task_group& tasks) -> asio::awaitable<void> {
        co_await tasks.start(sleep_with_local(*this, "a"));
        co_await tasks.start(sleep_with_local(*this, "b"));
        tasks.cancel();
        co_await tasks.wait_all();
        co_await tasks.start(sleep(*this, "c", 1s));
    });
    EXPECT_EQ(seen.size(), 3u) << "a task that begins after the cancellation is not cancelled";
    pass(1s);
    EXPECT_EQ(seen[3], "c ends");
    EXPECT_EQ(seen[4], "done");
}

TEST_F(task_groups, throw_the_first_exception_after_all_others_have_ended) {
    begin(3, [this](task_group& tasks) -> asio::awaitable<void> {
        const local kept{seen, "the body is gone"};
        co_await tasks.start(fail_after(*this, 1s, "no luck"));
        co_await tasks.start(sleep_with_local(*this, "a"));
        co_await home.sleep_for(1h);
    });
    pass(1s);
    EXPECT_EQ(seen.size(), 4u);
    EXPECT_EQ(seen[2], "thrown: no luck");
    EXPECT_EQ(seen[3], "the caller is gone");
}

TEST_F(task_groups, cancel_their_tasks_when_the_body_throws) {
    begin(1, [this](task_group& tasks) -> asio::awaitable<void> {
        co_await tasks.start(sleep_with_local(*this, "a"));
        throw std::runtime_error{"no luck"};
    });
    EXPECT_EQ(seen, (lines{"a is gone", "thrown: no luck", "the caller is gone"}));
}

TEST_F(task_groups, throw_what_a_task_throws_that_never_waits) {
    begin(1, [](task_group& tasks) -> asio::awaitable<void> {
        const auto fails = []() -> asio::awaitable<void> {
            throw std::runtime_error{"at once"};
            co_return;
        };
        co_await tasks.start(fails());
        co_await tasks.wait_all();
        ADD_FAILURE() << "the body is cancelled";
    });
    EXPECT_EQ(seen.front(), "thrown: at once");
}

TEST_F(task_groups, refuse_a_limit_of_zero) {
    begin(0, [](task_group&) -> asio::awaitable<void> { co_return; });
    EXPECT_TRUE(seen.front().starts_with("thrown: with_tasks: `max_tasks` is 0"));
}

TEST_F(task_groups, pass_a_cancellation_on_and_wait_for_the_end_of_all) {
    cancellable waiting{home};
    waiting.start(run(*this, 2, [this](task_group& tasks) -> asio::awaitable<void> {
        const local kept{seen, "the body is gone"};
        co_await tasks.start(sleep_with_local(*this, "a"));
        co_await home.sleep_for(1h);
    }));
    EXPECT_EQ(seen, lines{});
    waiting.cancel();
    std::ranges::sort(seen.begin(), seen.begin() + 2);
    EXPECT_EQ(seen.at(0), "a is gone");
    EXPECT_EQ(seen.at(1), "the body is gone");
    EXPECT_TRUE(seen.at(2).starts_with("thrown: ")) << "what the body threw";
    EXPECT_EQ(seen.at(3), "the caller is gone");
}

TEST_F(task_groups, end_when_the_event_is_destroyed_that_a_task_waits_for) {
    auto never = std::make_unique<event>();
    const auto wait = [](event& what) -> asio::awaitable<void> { co_await what.wait(); };
    begin(1, [&](task_group& tasks) -> asio::awaitable<void> { co_await tasks.start(wait(*never)); });
    EXPECT_EQ(seen, lines{});
    never.reset();
    run_ready(home);
    EXPECT_EQ(seen, (lines{"done", "the caller is gone"}));
}

// Tasks and body refer to variables of the caller, so these go last.
TEST(task_group_and_shard, end_together_and_the_caller_goes_last) {
    using body = std::function<asio::awaitable<void>(shard&, lines&, task_group&)>;
    struct local {
        lines& seen;
        std::string name;
        ~local() { seen.push_back(name); }
    };
    static const auto sleep = [](shard& home, lines& seen, std::string name) -> asio::awaitable<void> {
        const local kept{seen, name};
        co_await home.sleep_for(1h);
    };
    const body bodies[] = {[](shard& home, lines& seen, task_group& tasks) -> asio::awaitable<void> {
                               const local kept{seen, "body"};
                               co_await tasks.start(sleep(home, seen, "task"));
                               co_await tasks.start(sleep(home, seen, "task")); // waits for a place
                           },
                           [](shard& home, lines& seen, task_group& tasks) -> asio::awaitable<void> {
                               const local kept{seen, "body"};
                               co_await tasks.start(sleep(home, seen, "task"));
                               co_await home.sleep_for(1h);
                           },
                           [](shard& home, lines& seen, task_group& tasks) -> asio::awaitable<void> {
                               const local kept{seen, "body"};
                               co_await tasks.start(sleep(home, seen, "task"));
                           }};
    for (const body& each : bodies) {
        lines seen;
        {
            shard home;
            const auto caller = [](shard& on, lines& names, const body& what) -> asio::awaitable<void> {
                const local kept{names, "caller"};
                const auto work = [&](task_group& tasks) { return what(on, names, tasks); };
                co_await with_tasks(1, work);
            };
            start(home, caller(home, seen, each));
            run_ready(home);
        }
        EXPECT_EQ(seen.size(), 3u);
        EXPECT_EQ(seen.back(), "caller");
    }
}

namespace {

/// Groups in which everything happens at random: tasks that end, throw, or wait; cancellations of the group and of its caller;
/// the end of the shard. Every local variable is destroyed once, and those of the caller last.
class random_groups {
public:
    explicit random_groups(unsigned seed) : engine_{seed} {}

    void run() {
        auto home = std::make_unique<shard>();
        home_ = home.get();
        cancellable caller{*home}; // its slot outlives the shard
        advance_at_random(caller);
        home.reset();
        EXPECT_EQ(locals_, 0);
        EXPECT_TRUE(over_) << "the caller was not destroyed";
    }

private:
    void advance_at_random(cancellable& caller) {
        testkit::manual_clock clock{*home_};
        caller.start(call());
        for (std::size_t steps = random(8); steps != 0; --steps) {
            clock.advance(std::chrono::milliseconds{random(30)});
            if (random(2) == 0)
                run_ready(*home_);
            if (random(10) == 0)
                caller.cancel();
        }
        if (random(3) == 0) // the shard ends in the middle of it
            return;
        for (int i = 0; i < 100 && !over_; ++i) {
            clock.advance(40ms);
            run_ready(*home_);
        }
        EXPECT_TRUE(over_) << "a group waits in vain";
    }

    struct local {
        explicit local(random_groups& of) noexcept : group{of} { ++group.locals_; }
        local(const local&) = delete;
        ~local() {
            --group.locals_;
            EXPECT_FALSE(group.over_);
        }
        random_groups& group;
    };

    struct caller_local {
        explicit caller_local(random_groups& of) noexcept : group{of} {}
        caller_local(const caller_local&) = delete;
        ~caller_local() {
            EXPECT_EQ(group.locals_, 0) << "a task or the body is still there";
            group.over_ = true;
        }
        random_groups& group;
    };

    asio::awaitable<void> call() {
        const caller_local kept{*this};
        const auto body = [this](task_group& tasks) { return start_tasks(tasks); };
        try {
            co_await with_tasks(1 + random(4), body);
        } catch (const std::runtime_error&) {}
    }

    asio::awaitable<void> start_tasks(task_group& tasks) {
        const local kept{*this};
        for (std::size_t left = random(10); left != 0; --left) {
            co_await tasks.start(task(tasks));
            switch (random(12)) {
            case 0: tasks.cancel(); break;
            case 1: co_await tasks.wait_all(); break;
            case 2: co_await tasks.wait_any(); break;
            case 3: throw std::runtime_error{"of the body"};
            default: break;
            }
        }
    }

    asio::awaitable<void> task(task_group& tasks) {
        const local kept{*this};
        for (std::size_t left = random(3); left != 0; --left)
            co_await home_->sleep_for(std::chrono::milliseconds(random(25)));
        if (random(20) == 0)
            throw std::runtime_error{"of a task"};
        if (random(20) == 0)
            tasks.cancel();
    }

    std::size_t random(std::size_t below) { return std::uniform_int_distribution<std::size_t>{0, below - 1}(engine_); }

    std::mt19937 engine_;
    shard* home_ = nullptr;
    int locals_ = 0;
    bool over_ = false;
};

} // namespace

TEST(task_groups_at_random, leave_nothing_behind_and_nothing_too_early) {
    for (unsigned seed = 0; seed < 2'000 && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        random_groups{seed}.run();
    }
}

} // namespace fairlead::test
