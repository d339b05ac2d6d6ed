#include "session/session_watcher.hpp"
#include "support/session_fixture.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

/// Is behind until it catches up.
class noting_watcher final : public session_watcher {
public:
    bool is_behind() const noexcept override {
        ++looks;
        return behind;
    }
    void catch_up() override {
        behind = false;
        ++caught_up;
        if (const auto call = on_catch_up) // a copy: it may delete this
            call();
    }
    void on_session_end() noexcept override { ++ended; }

    std::function<void()> on_catch_up;
    bool behind = true;
    mutable int looks = 0;
    int caught_up = 0;
    int ended = 0;
};

class session_watchers : public session_fixture {
protected:
    /// A session whose transport takes nothing, and so many watchers of it, the first in front.
    void watch(int count) {
        peer = make_session();
        far.read_at_most(0);
        peer->send("queued");
        run_ready(home);
        for (int i = 0; i < count; ++i)
            watchers.push_back(std::make_unique<noting_watcher>());
        for (auto each = watchers.rbegin(); each != watchers.rend(); ++each)
            ASSERT_TRUE(peer->add(**each));
    }

    void read_on() {
        far.read_everything();
        run_ready(home);
    }

    std::vector<std::unique_ptr<noting_watcher>> watchers;
    std::shared_ptr<session_impl> peer;
};

} // namespace

TEST_F(session_watchers, catch_up_once_each_and_are_looked_at_once_however_many_there_are) {
    watch(1'000);
    read_on();
    for (const auto& each : watchers) {
        ASSERT_EQ(each->caught_up, 1);
        ASSERT_EQ(each->looks, 1);
    }
}

TEST_F(session_watchers, catch_up_though_each_takes_away_itself_or_its_neighbours) {
    watch(9);
    watchers[0]->on_catch_up = [this] { watchers[0].reset(); };
    watchers[2]->on_catch_up = [this] {
        watchers[1].reset();
        watchers[2].reset();
        watchers[3].reset();
    };
    read_on();
    for (const int gone : {0, 1, 2, 3})
        EXPECT_EQ(watchers[static_cast<std::size_t>(gone)], nullptr);
    for (std::size_t each = 4; each < watchers.size(); ++each)
        EXPECT_EQ(watchers[each]->caught_up, 1);
}

TEST_F(session_watchers, catch_up_also_behind_one_that_throws) {
    watch(2);
    watchers[0]->on_catch_up = [] { throw std::runtime_error{"of the program"}; };
    read_on();
    EXPECT_EQ(watchers[1]->caught_up, 1);
}

TEST_F(session_watchers, catch_up_no_more_once_one_of_them_has_ended_the_session) {
    watch(3);
    watchers[1]->on_catch_up = [this] { peer->abort(errc::closed); };
    read_on();
    EXPECT_EQ(watchers[0]->caught_up, 1);
    EXPECT_EQ(watchers[2]->caught_up, 0);
    for (const auto& each : watchers)
        EXPECT_EQ(each->ended, 1);
}

TEST_F(session_watchers, wait_for_the_next_time_if_one_has_filled_the_transport_again) {
    watch(3);
    watchers[0]->on_catch_up = [this] {
        far.read_at_most(0);
        ASSERT_TRUE(peer->send_encoded("more", 1)); // written at once, as far as it goes
    };
    read_on();
    EXPECT_TRUE(peer->blocked());
    EXPECT_EQ(watchers[1]->caught_up + watchers[2]->caught_up, 0);
    read_on();
    EXPECT_EQ(watchers[0]->caught_up, 1);
    EXPECT_EQ(watchers[1]->caught_up + watchers[2]->caught_up, 2);
}

} // namespace fairlead::test
