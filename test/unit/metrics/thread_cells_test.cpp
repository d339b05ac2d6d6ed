#include "metrics/thread_cells.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>
#include <thread>
#include <vector>

namespace fairlead::test {

TEST(thread_cells, add_up_over_threads_that_run_and_threads_that_have_ended) {
    thread_cells cells{9}; // more than a line
    for (int generation = 0; generation < 3; ++generation) {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&cells] {
                for (int n = 0; n < 10'000; ++n) {
                    cells.add(0, 1);
                    cells.add(8, 2);
                    cells.add_real(7, 0.5);
                }
            });
        }
    }
    EXPECT_EQ(cells.sum(0), 120'000u);
    EXPECT_EQ(cells.sum(8), 240'000u);
    EXPECT_EQ(cells.sum_real(7), 60'000.0);
    EXPECT_EQ(cells.sum(1), 0u);
}

TEST(thread_cells, never_shrink_for_a_reader) {
    thread_cells cells{1};
    std::atomic<bool> ended{false};
    std::jthread reader{[&] {
        for (std::uint64_t seen = 0; !ended;) {
            const std::uint64_t now = cells.sum(0);
            EXPECT_GE(now, seen);
            seen = now;
        }
    }};
    std::jthread first{[&] {
        for (int n = 0; n < 50'000; ++n)
            cells.add(0, 1);
    }};
    for (int n = 0; n < 50'000; ++n)
        cells.add(0, 1);
    first.join();
    ended = true;
    reader.join();
    EXPECT_EQ(cells.sum(0), 100'000u);
}

TEST(thread_slot, differs_between_threads_that_run_and_is_used_again) {
    constexpr std::size_t rounds = 5 * max_thread_slots;
    const std::size_t own = thread_slot(); // taken before the others come
    std::set<std::size_t> seen;
    for (std::size_t i = 0; i < rounds; ++i)
        std::jthread{[&seen] { seen.insert(thread_slot()); }}.join();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_LT(*seen.begin(), max_thread_slots);
    EXPECT_FALSE(seen.contains(own));
    EXPECT_EQ(thread_slot(), own);
}

TEST(thread_cells, count_for_more_threads_than_have_slots) {
    constexpr std::size_t more = 20;
    constexpr std::size_t count = max_thread_slots + more;
    thread_cells cells{2};
    std::atomic<std::size_t> without_slot{0};
    std::latch all_here{count};
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i) {
            threads.emplace_back([&] {
                without_slot += thread_slot() == max_thread_slots ? 1 : 0;
                all_here.arrive_and_wait(); // all run at the same time
                for (int n = 0; n < 100; ++n) {
                    cells.add(0, 1);
                    cells.add_real(1, 0.25);
                }
            });
        }
    }
    EXPECT_GE(without_slot, more);
    EXPECT_EQ(cells.sum(0), count * 100);
    EXPECT_EQ(cells.sum_real(1), static_cast<double>(count) * 25);
}

TEST(thread_cells, count_while_a_thread_ends) {
    struct last_words {
        thread_cells* cells = nullptr;
        std::size_t* slot = nullptr;
        ~last_words() {
            cells->add(0, 1);
            *slot = thread_slot();
        }
    };
    thread_cells cells{1};
    std::size_t slot_at_end = 0;
    std::jthread{[&] {
        static thread_local last_words words; // destroyed after the slot, which is taken behind it
        words.cells = &cells;
        words.slot = &slot_at_end;
        cells.add(0, 1);
    }}.join();
    EXPECT_EQ(cells.sum(0), 2u);
    EXPECT_EQ(slot_at_end, max_thread_slots) << "another thread may have the slot by now";
}

} // namespace fairlead::test
