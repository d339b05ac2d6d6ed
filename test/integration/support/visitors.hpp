#pragma once

#include "integration/support/client.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <chrono>
#include <gtest/gtest.h>
#include <system_error>

namespace fairlead::test {

/// A message handler that never answers, a session handler that ends with its session, and one that does not.
inline void ignore(bytes_view, peer&) {}

inline boost::asio::awaitable<void> greet_and_wait(session& visitor) {
    visitor.send("ready");
    while (const auto message = co_await visitor.receive())
        ;
}

inline boost::asio::awaitable<void> greet_and_sleep(session& visitor) {
    visitor.send("ready");
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer{executor, std::chrono::hours{1}};
    co_await timer.async_wait(boost::asio::use_awaitable);
}

/// A client that waits for the greeting, so that its session has begun.
inline client greeted_by(const endpoint& where) {
    client peer{where};
    EXPECT_EQ(peer.read(9), frame("ready"));
    return peer;
}

/// Whether the server has ended the connection, by a reset or not.
inline bool is_cut_off(client& peer) {
    try {
        return peer.read_to_end().empty();
    } catch (const std::system_error& failed) {
        return failed.code().value() == ECONNRESET;
    }
}

} // namespace fairlead::test
