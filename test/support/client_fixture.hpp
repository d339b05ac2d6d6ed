#pragma once

#include "client/client_connection.hpp"
#include "support/session_fixture.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

using replies = std::vector<std::string>;

inline std::string told(const result<std::string>& outcome) {
    return outcome ? *outcome : "error: " + outcome.error().message();
}

inline std::string told(errc why) {
    return "error: " + make_error_code(why).message();
}

inline boost::asio::awaitable<void> ask(std::shared_ptr<client_connection> who, std::string message,
                                        std::chrono::milliseconds limit, replies& seen) {
    const auto reply = co_await client_connection::request(who, message, limit);
    seen.push_back(told(reply));
}

inline boost::asio::awaitable<void> tell(std::shared_ptr<client_connection> who, std::string message,
                                         std::chrono::milliseconds limit, replies& seen) {
    const auto sent = co_await client_connection::send(who, message, limit);
    seen.push_back(sent ? "sent" : told(result<std::string>{sent.error()}));
}

inline boost::asio::awaitable<void> await_connected(std::shared_ptr<client_connection> who,
                                                    std::chrono::milliseconds limit, replies& seen) {
    const auto connected = co_await client_connection::connected(who, limit);
    seen.push_back(connected ? "connected" : told(result<std::string>{connected.error()}));
}

inline boost::asio::awaitable<void> close(std::shared_ptr<client_connection> who, replies& seen) {
    co_await client_connection::close(who);
    seen.push_back("closed");
}

inline boost::asio::awaitable<result<std::shared_ptr<session>>> in_memory(shard& home) {
    auto near = testkit::make_memory_stream(home).near;
    co_return session::create(home, std::move(near), framing{length_prefixed()});
}

// The id of a message is its first character.
inline std::string first_character(bytes_view message) {
    return to_string(message.first(1));
}

/// A client whose connections are streams in memory, made when the test allows one.
class client_fixture : public session_fixture {
protected:
    ~client_fixture() override {
        if (under_test) {
            under_test->abandon();
            run_ready(home);
        }
    }

    client_connection& make(client_options options = {}) {
        options.reconnect = pauses;
        options.on_state = [this](client_state now, error_code why) {
            states.push_back(now);
            whys.push_back(why);
            if (now == client_state::backing_off && on_backing_off)
                on_backing_off();
            if (now == abandon_in)
                under_test->abandon();
        };
        under_test = std::make_shared<client_connection>(
            core_of(home), [this] { return dial(); }, std::move(options), 7);
        under_test->start();
        run_ready(home);
        return *under_test;
    }

    boost::asio::awaitable<result<std::shared_ptr<session>>> dial() {
        ++attempts;
        while (!dials_end)
            co_await dialled.wait();
        if (dial_throws)
            throw std::runtime_error{"no dialling today"};
        if (refuse)
            co_return error_code{refuse};
        co_return make_session();
    }

    void request(const std::string& message, std::chrono::milliseconds limit = std::chrono::minutes{1}) {
        start(home, ask(under_test, message, limit, seen));
        run_ready(home);
    }
    void send(const std::string& message, std::chrono::milliseconds limit = std::chrono::minutes{1}) {
        start(home, tell(under_test, message, limit, seen));
        run_ready(home);
    }
    void break_connection() {
        far.fail(error_code{ECONNRESET, boost::system::system_category()});
        run_ready(home);
    }

    std::shared_ptr<client_connection> under_test;
    reconnect_options pauses{.initial_delay = std::chrono::seconds{1},
                             .max_delay = std::chrono::seconds{4},
                             .reset_after = std::chrono::seconds{10}};
    std::vector<client_state> states;
    std::vector<error_code> whys; // of each
    std::function<void()> on_backing_off;
    std::optional<client_state> abandon_in;
    error_code refuse;
    bool dials_end = true;
    bool dial_throws = false;
    event dialled;
    int attempts = 0;
};

} // namespace fairlead::test
