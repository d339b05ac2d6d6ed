#include "net/resolver.hpp"

#include <atomic>
#include <cerrno>
#include <future>
#include <gtest/gtest.h>
#include <semaphore>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

const url somewhere = url::parse("tcp://name:1");

/// A look-up that waits until the test lets it go, and may be waited for.
struct gate {
    std::counting_semaphore<> begun{0}, open{0};
};

resolver::look_up through(const std::shared_ptr<gate>& held) {
    return [held](const url&) -> resolver::addresses {
        held->begun.release();
        held->open.acquire();
        return error_code{ENOENT, boost::system::system_category()};
    };
}

void ignore(resolver::addresses) {}

} // namespace

TEST(resolver, tells_what_was_found_on_a_thread_of_its_own) {
    resolver names{[](const url& where) -> resolver::addresses {
        EXPECT_EQ(where.host, "name");
        return error_code{ENOENT, boost::system::system_category()};
    }};
    const auto asker = std::make_shared<int>();
    std::promise<std::pair<error_code, std::thread::id>> told;
    ASSERT_TRUE(names.ask(somewhere, asker, [&](resolver::addresses found) {
        told.set_value({found.error(), std::this_thread::get_id()});
    }));
    const auto [why, thread] = told.get_future().get();
    EXPECT_EQ(why.value(), ENOENT);
    EXPECT_NE(thread, std::this_thread::get_id());
}

TEST(resolver, makes_an_error_of_what_a_look_up_throws_and_goes_on) {
    resolver names{[](const url&) -> resolver::addresses { throw std::runtime_error{"on purpose"}; }};
    const auto asker = std::make_shared<int>();
    for (int i = 0; i < 3; ++i) {
        std::promise<bool> told;
        ASSERT_TRUE(names.ask(somewhere, asker, [&](resolver::addresses found) { told.set_value(found.has_value()); }));
        EXPECT_FALSE(told.get_future().get());
    }
}

TEST(resolver, has_eight_threads_and_a_bounded_queue) {
    const auto held = std::make_shared<gate>();
    resolver names{through(held)};
    const auto asker = std::make_shared<int>();
    for (int i = 0; i < 8; ++i)
        ASSERT_TRUE(names.ask(somewhere, asker, ignore));
    for (int i = 0; i < 8; ++i)
        held->begun.acquire();
    for (int i = 0; i < 4096; ++i)
        ASSERT_TRUE(names.ask(somewhere, asker, ignore)) << i;
    EXPECT_FALSE(held->begun.try_acquire()) << "a ninth thread";
    EXPECT_EQ(names.ask(somewhere, asker, ignore).error(), errc::refused_by_limit);

    held->open.release();
    held->begun.acquire();
    EXPECT_TRUE(names.ask(somewhere, asker, ignore)) << "there is room again";
    held->open.release(8);
}

TEST(resolver, does_not_look_up_for_those_who_have_gone) {
    const auto held = std::make_shared<gate>();
    std::atomic<int> told{0};
    resolver names{through(held)};
    auto asker = std::make_shared<int>();
    const auto last = std::make_shared<int>();
    for (int i = 0; i < 8; ++i)
        ASSERT_TRUE(names.ask(somewhere, last, ignore));
    for (int i = 0; i < 8; ++i)
        held->begun.acquire();
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(names.ask(somewhere, asker, [&told](resolver::addresses) { ++told; }));
    std::promise<void> end;
    ASSERT_TRUE(names.ask(somewhere, last, [&](resolver::addresses) { end.set_value(); }));
    asker.reset();
    held->open.release(9);
    end.get_future().get();
    EXPECT_EQ(told, 0);
    held->begun.acquire();
    EXPECT_FALSE(held->begun.try_acquire()) << "only the last was looked up";
}

TEST(resolver, may_go_while_a_look_up_is_stuck) {
    const auto held = std::make_shared<gate>();
    const auto asker = std::make_shared<int>();
    {
        resolver names{through(held)};
        ASSERT_TRUE(names.ask(somewhere, asker, ignore));
        held->begun.acquire();
        ASSERT_TRUE(names.ask(somewhere, asker, ignore));
    }
    held->open.release(2);
}

TEST(resolver, serves_many_who_ask_at_once) {
    resolver names{[](const url& where) -> resolver::addresses {
        return error_code{static_cast<int>(where.port), boost::system::system_category()};
    }};
    const auto asker = std::make_shared<int>();
    std::atomic<int> right{0};
    std::counting_semaphore<> answered{0};
    {
        std::vector<std::jthread> askers;
        for (int thread = 0; thread < 4; ++thread) {
            askers.emplace_back([&] {
                for (std::uint16_t port = 1; port <= 500; ++port) {
                    const url where{.host = "name", .port = port};
                    ASSERT_TRUE(names.ask(where, asker, [&, port](resolver::addresses found) {
                        right += found.error().value() == port ? 1 : 0;
                        answered.release();
                    }));
                }
            });
        }
    }
    for (int i = 0; i < 2000; ++i)
        answered.acquire();
    EXPECT_EQ(right, 2000);
}

} // namespace fairlead::test
