#include "runtime/wait_in_frame.hpp"

#include "support/cancellable.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace fairlead::test {

namespace {

namespace asio = boost::asio;

/// Whether a coroutine is there.
using presence = std::shared_ptr<int>;

boost::asio::awaitable<void> wait_twice(event& changed, std::string& notes, presence) {
    for (const char turn : {'1', '2'}) {
        co_await wait_in_frame(changed);
        notes += turn;
    }
}

} // namespace

TEST(wait_in_frame, completes_inside_of_notify_in_a_turn_of_its_shard) {
    shard home;
    event changed;
    std::string notes;
    start(home, wait_twice(changed, notes, nullptr));
    run_ready(home);
    for (const std::string seen : {"1", "12"}) {
        asio::post(home.get_executor(), [&] {
            changed.notify();
            EXPECT_EQ(notes, seen);
        });
        run_ready(home);
    }
    run_to_end(home);
    EXPECT_EQ(notes, "12");
}

TEST(wait_in_frame, ends_with_the_coroutine_when_the_event_goes) {
    shard home;
    std::optional<event> changed{std::in_place};
    std::string notes;
    const presence there = std::make_shared<int>();
    start(home, wait_twice(*changed, notes, there));
    run_ready(home);
    EXPECT_EQ(there.use_count(), 2);
    changed.reset();
    run_to_end(home);
    EXPECT_EQ(there.use_count(), 1);
    EXPECT_EQ(notes, "");
}

TEST(wait_in_frame, is_cancelled_with_its_coroutine_and_completes_in_a_later_turn) {
    shard home;
    event changed;
    std::string notes;
    cancellable waiting{home};
    waiting.start(wait_twice(changed, notes, nullptr));
    waiting.ask();
    EXPECT_EQ(notes, "");
    run_to_end(home);
    EXPECT_EQ(notes, "1") << "the next one throws";
}

} // namespace fairlead::test
