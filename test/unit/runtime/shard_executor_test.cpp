#include "runtime/shard_core.hpp"
#include "runtime/shard_executor.hpp"
#include "support/run.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/require.hpp>

#include <optional>
#include <utility>

namespace fairlead::test {

namespace {

using tracked_executor = basic_shard_executor<true>;

tracked_executor tracked(shard& of) {
    return boost::asio::require(core_of(of).executor(), boost::asio::execution::outstanding_work.tracked);
}

} // namespace

TEST(shard_executor, that_was_moved_from_does_not_keep_the_shard_running) {
    shard home;
    tracked_executor first = tracked(home);
    std::optional<tracked_executor> second{std::move(first)};
    bool ran = false;
    boost::asio::post(home.get_executor(), [&] {
        ran = true;
        second.reset();
    });
    run_to_end(home);
    EXPECT_TRUE(ran);
}

TEST(shard_executor, that_was_moved_from_may_outlive_the_shard) {
    std::optional<shard> home{std::in_place};
    tracked_executor first = tracked(*home);
    { const tracked_executor second{std::move(first)}; }
    run_to_end(*home);
    home.reset();
}

TEST(shard_executor, that_is_assigned_lets_its_shard_end) {
    shard home, other;
    tracked_executor assigned = tracked(home);
    assigned = tracked(other);
    run_to_end(home);
    EXPECT_EQ(&assigned.shard(), &core_of(other));
    boost::asio::post(other.get_executor(), [&] { assigned = tracked(home); });
    run_to_end(other);
}

} // namespace fairlead::test
