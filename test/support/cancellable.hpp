#pragma once

#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <string>
#include <utility>

namespace fairlead::test {

/// A coroutine that a test cancels; one at a time.
class cancellable {
public:
    explicit cancellable(shard& home) noexcept : home_{home} {}

    /// Runs it until it waits. That a cancelled `co_await` throws is expected; any other exception fails the test.
    void start(boost::asio::awaitable<void> work) {
        auto ends = [](std::exception_ptr thrown) {
            try {
                if (thrown)
                    std::rethrow_exception(thrown);
            } catch (const boost::system::system_error& failed) {
                EXPECT_EQ(failed.code(), boost::asio::error::operation_aborted);
            } catch (...) {
                ADD_FAILURE() << "the coroutine threw something else";
            }
        };
        boost::asio::co_spawn(home_.get_executor(), std::move(work),
                              boost::asio::bind_cancellation_slot(signal_.slot(), ends));
        run_ready(home_);
    }

    void cancel() {
        ask();
        run_ready(home_);
    }

    /// Asks for the end, which comes once the shard runs. For use inside of a turn, too.
    void ask() { signal_.emit(boost::asio::cancellation_type::terminal); }

private:
    shard& home_;
    boost::asio::cancellation_signal signal_;
};

inline const std::string aborted = boost::system::error_code{boost::asio::error::operation_aborted}.message();

} // namespace fairlead::test
