#pragma once

#include "support/run.hpp"

#include "runtime/end_of_turn_task.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/post.hpp>

#include <functional>
#include <utility>

namespace fairlead::test {

/// Asks at the end of each turn of a shard whether it has come far enough, and then stops it.
class turn_by_turn final : private end_of_turn_task {
public:
    turn_by_turn(shard& home, std::function<bool()> far_enough) : home_{home}, far_enough_{std::move(far_enough)} {
        ask_in_next_turn();
    }

private:
    void ask_in_next_turn() {
        boost::asio::post(home_.get_executor(), [this] { core_of(home_).at_end_of_turn(*this); });
    }
    void end_of_turn() override {
        if (far_enough_())
            home_.stop();
        else
            ask_in_next_turn();
    }

    shard& home_;
    std::function<bool()> far_enough_;
};

/// Runs the shard up to the turn in which it has come far enough, and no further.
inline void run_until(shard& home, std::function<bool()> far_enough) {
    const time_limit limit{home};
    const turn_by_turn asking{home, std::move(far_enough)};
    home.run();
}

} // namespace fairlead::test
