#include "support/run.hpp"

#include "runtime/shard_core.hpp"

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

} // namespace

TEST(shard, does_a_task_once_at_the_end_of_the_turn_however_often_it_was_asked_for) {
    shard home;
    counting_task task;
    int runs_within_turn = -1;
    boost::asio::post(home.get_executor(), [&] {
        core_of(home).at_end_of_turn(task);
        core_of(home).at_end_of_turn(task);
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
        core_of(home).at_end_of_turn(first);
        core_of(home).at_end_of_turn(gone);
        core_of(home).at_end_of_turn(last);
    }
    run_ready(home);
    EXPECT_EQ(first.runs + last.runs, 2);
}

TEST(shard, goes_on_after_an_exception_left_a_handler) {
    shard home;
    bool reached = false;
    boost::asio::post(home.get_executor(), [] { throw std::runtime_error{"on purpose"}; });
    boost::asio::post(home.get_executor(), [&] { reached = true; });
    home.run();
    EXPECT_TRUE(reached);
}

TEST(shard, that_is_polled_goes_on_after_an_exception_left_a_handler) {
    shard home;
    std::string notes;
    boost::asio::post(home.get_executor(), [] { throw std::runtime_error{"on purpose"}; });
    boost::asio::post(home.get_executor(), [&] { notes += 'a'; });
    home.poll();
    EXPECT_EQ(notes, "a");
    boost::asio::post(home.get_executor(), [&] { notes += 'b'; });
    home.poll();
    EXPECT_EQ(notes, "ab");
}

} // namespace fairlead::test
