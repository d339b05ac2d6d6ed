#include "server/reload_job.hpp"

#include <chrono>
#include <future>
#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::test {

TEST(reload_job, answers_all_that_ask_while_it_runs_by_one_more_call) {
    blocking_pool pool{1};
    std::promise<void> begun, may_end;
    int times = 0;
    reload_job job{[&] {
        if (++times == 1) {
            begun.set_value();
            may_end.get_future().wait();
        }
    }};
    job.ask(pool);
    begun.get_future().wait();
    for (int i = 0; i < 5; ++i)
        job.ask(pool);
    may_end.set_value();
    pool.stop(); // waits for what runs
    EXPECT_EQ(times, 2);
}

TEST(reload_job, can_be_asked_again_after_one_that_threw) {
    blocking_pool pool{1};
    std::promise<void> first, second;
    int times = 0;
    reload_job job{[&] {
        (++times == 1 ? first : second).set_value();
        throw std::runtime_error{"no disk"};
    }};
    job.ask(pool);
    first.get_future().wait();
    job.ask(pool);
    EXPECT_EQ(second.get_future().wait_for(std::chrono::seconds{20}), std::future_status::ready);
    pool.stop(); // the job outlives what runs
}

} // namespace fairlead::test
