#include "runtime/blocking_pool.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <latch>
#include <semaphore>
#include <string>
#include <thread>

namespace fairlead::test {

namespace {

using kind = blocking_pool::kind;

class piece_of_work final : public blocking_pool::job {
public:
    explicit piece_of_work(std::function<void()> work) : work_{std::move(work)} {}
    void run() noexcept override { work_(); }

private:
    std::function<void()> work_;
};

} // namespace

TEST(blocking_pool, keeps_half_of_its_threads_from_lengthy_jobs) {
    constexpr int lengthy_jobs = 20;
    std::atomic<int> running{0}, most{0};
    std::latch brief_done{4}, all_done{lengthy_jobs};
    std::deque<piece_of_work> jobs;
    blocking_pool threads{4};
    for (int i = 0; i < lengthy_jobs; ++i) {
        auto& made = jobs.emplace_back([&] {
            const int now = ++running;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {}
            brief_done.wait();
            --running;
            all_done.count_down();
        });
        threads.submit(made, kind::lengthy);
    }
    for (int i = 0; i < 4; ++i)
        threads.submit(jobs.emplace_back([&] { brief_done.count_down(); }));
    all_done.wait();
    EXPECT_LE(most, 2);
}

TEST(blocking_pool, serves_both_kinds_in_turns_with_a_single_thread) {
    std::string order;
    std::binary_semaphore begin{0};
    std::latch busy{1}, done{6};
    std::deque<piece_of_work> jobs;
    blocking_pool threads{1};
    threads.submit(jobs.emplace_back([&] {
        busy.count_down();
        begin.acquire();
    }));
    busy.wait();
    for (const char name : {'l', 'b', 'l', 'b', 'b', 'l'}) {
        auto& made = jobs.emplace_back([&, name] {
            order += name;
            done.count_down();
        });
        threads.submit(made, name == 'l' ? kind::lengthy : kind::brief);
    }
    begin.release();
    done.wait();
    EXPECT_EQ(order, "lblblb");
}

TEST(blocking_pool, drops_what_has_not_begun_when_it_stops) {
    std::atomic<int> ran{0};
    std::latch begun{1};
    std::counting_semaphore<> go_on{0};
    std::deque<piece_of_work> jobs;
    blocking_pool threads{1};
    threads.submit(jobs.emplace_back([&] {
        ++ran;
        begun.count_down();
        go_on.acquire();
    }),
                   kind::lengthy);
    begun.wait();
    threads.submit(jobs.emplace_back([&] { ++ran; }));
    threads.submit(jobs.emplace_back([&] { ++ran; }), kind::lengthy);
    const auto stop = [&] {
        threads.stop();
        go_on.release();
    };
    {
        const std::jthread other{stop};
        stop(); // the first of both waits for the job; the second waits for nothing, and lets the job end
    }
    EXPECT_EQ(ran, 1);
}

} // namespace fairlead::test
