#pragma once

#include "session/session_impl.hpp"
#include "support/run.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>
#include <fairlead/testkit/manual_clock.hpp>
#include <fairlead/testkit/memory_stream.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

/// A session over a stream in memory; messages are preceded by one byte of length.
class session_fixture : public ::testing::Test {
protected:
    static length_prefixed short_frames() { return length_prefixed{{.width = 1}}; }

    static std::string frame(std::string_view text) { return static_cast<char>(text.size()) + std::string{text}; }

    std::shared_ptr<session_impl> make_session(const limits& bounds = {}) {
        return make_session(framing{short_frames()}, bounds);
    }

    std::shared_ptr<session_impl> make_session(framing rules, const limits& bounds = {}) {
        auto connection = testkit::make_memory_stream(home);
        far = connection.far;
        return fairlead::make_session(core_of(home), std::move(connection.near), std::move(rules),
                                      std::make_shared<const limits>(bounds));
    }

    /// The peer sends one message.
    void reply(const std::string& message) {
        far.send(frame(message));
        run_ready(home);
    }

    void pass(std::chrono::milliseconds duration) {
        clock.advance(duration);
        run_ready(home);
    }

    shard home;
    testkit::manual_clock clock{home};
    testkit::memory_peer far = testkit::make_memory_stream(home).far;
    std::vector<std::string> seen;
};

/// Notes every message until there is none, then how it ended.
inline boost::asio::awaitable<void> note_messages(std::shared_ptr<session> peer, std::vector<std::string>& seen) {
    while (const auto message = co_await peer->receive())
        seen.push_back(to_string(*message));
    seen.push_back("end: " + peer->close_reason().code.message());
}

/// Sends every message back until there is none, then finishes.
inline boost::asio::awaitable<void> echo_messages(std::shared_ptr<session> peer) {
    while (const auto message = co_await peer->receive())
        peer->send(*message);
    co_await peer->close_gracefully();
}

inline boost::asio::awaitable<void> finish_session(std::shared_ptr<session> peer) {
    co_await peer->close_gracefully();
}

inline std::string end(errc why) {
    return "end: " + make_error_code(why).message();
}

} // namespace fairlead::test
