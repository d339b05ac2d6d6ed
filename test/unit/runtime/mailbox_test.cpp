#include "support/run.hpp"

#include "runtime/mailbox.hpp"
#include "runtime/shard_core.hpp"

#include <memory>
#include <vector>

namespace fairlead::test {

TEST(mailbox, runs_tasks_of_one_thread_in_their_order) {
    shard home;
    std::vector<int> order;
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(core_of(home).inbox()->post([&order, i] { order.push_back(i); }));
    run_to_end(home);
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(mailbox, refuses_tasks_once_its_shard_is_gone) {
    auto home = std::make_unique<shard>();
    const auto box = core_of(*home).inbox();
    auto held = std::make_shared<int>(0);
    EXPECT_TRUE(box->post([held] { FAIL() << "the shard never ran"; }));
    home.reset();
    EXPECT_EQ(held.use_count(), 1) << "what is left in the box is dropped";
    EXPECT_FALSE(box->post([] {}));
}

} // namespace fairlead::test
