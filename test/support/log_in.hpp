#pragma once

#include <fairlead/connect.hpp>

#include <boost/asio/awaitable.hpp>

namespace fairlead::test {

inline const error_code denied = make_error_code(boost::system::errc::permission_denied);

/// A login: says "ann", and wants "welcome".
inline boost::asio::awaitable<result<void>> log_in(session& server) {
    server.send("ann");
    const auto reply = co_await server.receive();
    if (!reply)
        co_return reply.error();
    if (*reply != "welcome")
        co_return denied;
    co_return result<void>{};
}

} // namespace fairlead::test
