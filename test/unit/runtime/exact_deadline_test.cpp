#include "runtime/exact_deadline.hpp"

#include "runtime/readiness_handler.hpp"
#include "support/run.hpp"

#include <fairlead/testkit/manual_clock.hpp>

#include <string>
#include <thread>
#include <unistd.h>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

class noted_limit final : private exact_deadline {
public:
    noted_limit(fairlead::shard& home, std::chrono::milliseconds limit, std::string& notes)
        : exact_deadline{core_of(home), limit}, notes_{notes} {}

private:
    void on_time() override { notes_ += "time "; }

    std::string& notes_;
};

/// A pipe that notes when something has arrived in it.
class noted_pipe final : private readiness_handler {
public:
    noted_pipe(shard& home, std::string& notes) : home_{core_of(home)}, notes_{notes} {
        EXPECT_EQ(::pipe(ends_), 0);
        EXPECT_FALSE(home_.watch(ends_[0], *this, interest::read));
    }
    noted_pipe(const noted_pipe&) = delete;
    noted_pipe& operator=(const noted_pipe&) = delete;
    ~noted_pipe() {
        home_.unwatch(ends_[0], *this);
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    void write() { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }

private:
    void on_readable(bool) override { notes_ += "arrived "; }
    void on_writable() override {}

    shard_core& home_;
    std::string& notes_;
    int ends_[2] = {};
};

} // namespace

// The timer has expired before the bytes arrived, and nobody has looked at either.
TEST(exact_deadline, is_told_after_the_sockets_that_are_ready_in_the_same_turn) {
    shard home;
    std::string notes;
    noted_pipe pipe{home, notes};
    const noted_limit limit{home, 1ms, notes};
    std::this_thread::sleep_for(5ms);
    pipe.write();
    while (notes.find("time") == std::string::npos) // the system may be late with the timer
        run_a_moment(home);
    EXPECT_EQ(notes, "arrived time ");
}

TEST(exact_deadline, is_told_to_the_moment_however_long_it_is) {
    for (const auto limit : {50ms, 200ms, 250ms, 1'000ms, 60'000ms}) {
        shard home;
        testkit::manual_clock clock{home};
        std::string notes;
        const noted_limit deadline{home, limit, notes};
        clock.advance(limit - 50ms);
        EXPECT_EQ(notes, "") << limit.count();
        clock.advance(50ms);
        EXPECT_EQ(notes, "time ") << limit.count();
    }
}

TEST(exact_deadline, is_never_told_without_a_limit_or_once_it_is_gone) {
    shard home;
    testkit::manual_clock clock{home};
    std::string notes;
    const noted_limit none{home, no_limit, notes}, no_time{home, 0ms, notes};
    { const noted_limit short_one{home, 50ms, notes}, long_one{home, 1s, notes}; }
    clock.advance(1h);
    EXPECT_EQ(notes, "");
}

} // namespace fairlead::test
