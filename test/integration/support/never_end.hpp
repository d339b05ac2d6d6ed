#pragma once

#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace fairlead::test {

inline boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds time) {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer{executor, time};
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// A session handler that greets its peer and then does not end by itself.
inline boost::asio::awaitable<void> never_end(session& visitor) {
    visitor.send("ready");
    constexpr std::chrono::hours long_enough{1};
    co_await sleep_for(long_enough);
}

} // namespace fairlead::test
