#include "core/unique_descriptor.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

namespace fairlead::test {

namespace {

using std::chrono::milliseconds;

/// A descriptor that keeps a shard waiting, and tells when it was written to.
class doorbell final : private readiness_handler {
public:
    explicit doorbell(shard& home) : home_{core_of(home)} {
        EXPECT_FALSE(home_.watch(bell_.get(), *this, interest::read));
    }
    ~doorbell() { close(); }

    void ring() {
        const std::uint64_t one = 1;
        EXPECT_EQ(::write(bell_.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
    }
    void close() {
        if (bell_)
            home_.unwatch(bell_.get(), *this);
        bell_.reset();
    }

    std::function<void()> when_rung = [] {};
    int rung = 0;

private:
    void on_readable(bool) override {
        ++rung;
        when_rung();
    }
    void on_writable() override {}

    shard_core& home_;
    unique_descriptor bell_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

} // namespace

TEST(shard_loop, ends_when_nobody_waits_for_anything) {
    shard home;
    doorbell bell{home};
    bell.when_rung = [&] { bell.close(); };
    bell.ring();
    home.run();
    EXPECT_EQ(bell.rung, 1);
}

TEST(shard_loop, runs_what_other_threads_post_while_it_waits) {
    shard home;
    doorbell bell{home};
    int ran = 0;
    std::jthread other{[&] {
        for (int i = 0; i < 200; ++i) {
            boost::asio::post(home.get_executor(), [&] { ++ran; });
            if (i % 10 == 0)
                std::this_thread::sleep_for(milliseconds{1});
        }
        boost::asio::post(home.get_executor(), [&] { bell.close(); });
    }};
    home.run();
    EXPECT_EQ(ran, 200);
}

TEST(shard_loop, is_there_until_who_ended_it_has_left) {
    for (int i = 0; i < 200; ++i) {
        std::jthread other;
        auto home = std::make_unique<shard>();
        const auto bell = std::make_unique<doorbell>(*home);
        other = std::jthread{[where = home.get()] { where->stop(); }};
        home->run();
        bell->close();
        home.reset();
    }
}

TEST(shard_loop, runs_what_is_posted_from_a_turn_and_from_what_was_posted) {
    shard home;
    doorbell bell{home};
    int depth = 0;
    std::function<void()> deeper = [&] {
        if (++depth < 50)
            boost::asio::post(home.get_executor(), deeper);
        else
            bell.close();
    };
    bell.when_rung = [&] { boost::asio::post(home.get_executor(), deeper); };
    bell.ring();
    home.run();
    EXPECT_EQ(depth, 50);
}

TEST(shard_loop, serves_sockets_while_somebody_posts_without_end) {
    shard home;
    doorbell bell{home};
    std::function<void()> again = [&] {
        if (bell.rung == 0)
            boost::asio::post(home.get_executor(), again);
    };
    boost::asio::post(home.get_executor(), again);
    boost::asio::post(home.get_executor(), [&] { bell.ring(); });
    bell.when_rung = [&] { bell.close(); };
    home.run();
    EXPECT_EQ(bell.rung, 1);
}

TEST(shard_loop, dispatches_in_place_within_a_turn) {
    shard home;
    doorbell bell{home};
    bool within = false;
    bell.when_rung = [&] {
        boost::asio::dispatch(home.get_executor(), [&] { within = true; });
        EXPECT_TRUE(within);
        bell.close();
    };
    bell.ring();
    home.run();
    EXPECT_TRUE(within);
}

TEST(shard_loop, stops_at_the_word_of_another_thread_and_goes_on_later) {
    shard home;
    doorbell bell{home};
    {
        std::jthread other{[&] {
            std::this_thread::sleep_for(milliseconds{5});
            home.stop();
        }};
        home.run();
    }
    EXPECT_EQ(bell.rung, 0);
    bell.when_rung = [&] { bell.close(); };
    bell.ring();
    home.poll();
    EXPECT_EQ(bell.rung, 1);
}

TEST(shard_loop, polls_without_waiting) {
    shard home;
    doorbell bell{home};
    int posted = 0;
    home.poll();
    EXPECT_EQ(bell.rung, 0);
    bell.ring();
    bell.when_rung = [&] { boost::asio::post(home.get_executor(), [&] { ++posted; }); };
    home.poll();
    EXPECT_EQ(bell.rung, 1);
    EXPECT_EQ(posted, 1);
    bell.ring();
    home.poll();
    EXPECT_EQ(bell.rung, 2);
    EXPECT_EQ(posted, 2);
}

} // namespace fairlead::test
