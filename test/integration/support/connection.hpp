#pragma once

#include "client/connector.hpp"

#include <fairlead/framing/length_prefixed.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

using connected = result<std::shared_ptr<session>>;

/// A look-up that knows one answer to everything.
inline resolver::look_up knows(std::vector<endpoint> addresses) {
    return [addresses](const url&) -> resolver::addresses { return addresses; };
}

inline boost::asio::awaitable<void> keep(boost::asio::awaitable<connected> work, connected& outcome) {
    outcome = co_await std::move(work);
}

/// Connects on a runtime of its own and gives why that failed; no error when it did not.
inline error_code failure_at(const std::string& where, const connect_options& options = {}) {
    connected outcome = errc::would_block;
    runtime home{1};
    home.run(keep(connect(home[0], where, length_prefixed{}, options), outcome));
    const error_code why = outcome ? error_code{} : outcome.error();
    outcome = errc::closed; // a session goes before its shard
    return why;
}

/// The same for a name that is looked up as the test says.
inline error_code failure_of(resolver::look_up look_up, const connect_options& options = {}) {
    resolver names{std::move(look_up)};
    connected outcome = errc::would_block;
    runtime home{1};
    home.run(keep(connect(core_of(home[0]), names, url::parse("tcp://name:1"), length_prefixed{}, options), outcome));
    const error_code why = outcome ? error_code{} : outcome.error();
    outcome = errc::closed;
    return why;
}

/// What the server sends back for one message, or why nothing came.
inline boost::asio::awaitable<std::string> converse(shard& home, resolver& names, std::string where,
                                                    std::string message, connect_options options) {
    const auto server = co_await connect(core_of(home), names, url::parse(where), length_prefixed(), options);
    if (!server)
        co_return "no connection: " + server.error().message();
    (*server)->send(message);
    const auto reply = co_await (*server)->receive();
    const std::string text = reply ? to_string(*reply) : "no reply: " + reply.error().message();
    co_await (*server)->close_gracefully();
    co_return text;
}

} // namespace fairlead::test
