#include "support/run.hpp"

#include <fairlead/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <optional>

namespace fairlead::test {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> sleep_listening_to_all(shard& home) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await home.sleep_for(1h);
}

} // namespace

TEST(sleep_for, that_is_cancelled_throws_operation_aborted) {
    for (const auto type :
         {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
        shard home;
        asio::cancellation_signal signal;
        std::optional<error_code> ended;
        const auto note = [&](std::exception_ptr thrown) {
            try {
                if (thrown)
                    std::rethrow_exception(thrown);
                ended = error_code{};
            } catch (const boost::system::system_error& failed) {
                ended = failed.code();
            }
        };
        auto work = sleep_listening_to_all(home);
        asio::co_spawn(home.get_executor(), std::move(work), asio::bind_cancellation_slot(signal.slot(), note));
        run_ready(home);
        EXPECT_FALSE(ended);
        signal.emit(type);
        run_to_end(home);
        EXPECT_EQ(ended, error_code{asio::error::operation_aborted});
    }
}

} // namespace fairlead::test
