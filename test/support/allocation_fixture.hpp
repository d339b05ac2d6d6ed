#pragma once

#include "support/allocation_sweep.hpp"
#include "support/session_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <thread>
#include <utility>

namespace fairlead::test {

/// A shard on the thread of the test, whose allocations fail once or for good.
class allocation_in_memory : public session_fixture, public ::testing::WithParamInterface<failing> {
protected:
    /// As `run` does, with memory that Asio keeps to post.
    void run_all() {
        core_of(home).loop().run_as_asio_does([this] { home.poll(); });
    }

    /// Starts a coroutine that may end by std::bad_alloc.
    void start_and_forgive(boost::asio::awaitable<void> work) {
        boost::asio::co_spawn(home.get_executor(), std::move(work), [](std::exception_ptr) {});
    }

    /// Does `work` in a turn, where Asio has memory to post, while the nth allocation fails; returns whether one did.
    template <class Work>
    bool fail_in(std::size_t nth, Work work) {
        boost::asio::post(home.get_executor(), [&] {
            fail_allocation(std::this_thread::get_id(), nth, GetParam());
            work();
        });
        for (int i = 0; i < 20; ++i)
            run_all();
        return stop_failing();
    }

    void settle() {
        for (int i = 0; i < 20; ++i) {
            run_ready(home);
            clock.advance(std::chrono::seconds{2});
        }
    }

    quiet_log quiet;
};

} // namespace fairlead::test
