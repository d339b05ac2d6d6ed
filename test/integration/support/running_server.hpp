#pragma once

#include "integration/support/run_transport.hpp"

#include <fairlead/server.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <thread>

namespace fairlead::test {

/// One thread and no signal handling, unless a test wants otherwise.
inline server_options test_options() {
    server_options options;
    options.threads = 1;
    options.handle_signals = false;
    return options;
}

inline server_options with_threads(std::size_t number) {
    server_options options = test_options();
    options.threads = number;
    return options;
}

/// A server on a thread of its own, with one listener on a free port of the loopback.
class running_server {
public:
    running_server(framing rules, handler what, server_options options = test_options(),
                   std::string_view where = free_port())
        : running_server{std::move(rules), std::move(what), std::move(options), where, listening_at(where)} {}

    running_server(framing rules, handler what, server_options options, std::string_view where,
                   const listen_options& how)
        : server_{std::move(options)}, where_{server_.listen(where, std::move(rules), std::move(what), how)},
          thread_{[this] { status_ = server_.run(); }} {}

    /// The same at UDP.
    running_server(const udp_options& how, handler what, server_options options = test_options(),
                   std::string_view where = "udp://127.0.0.1:0")
        : server_{std::move(options)}, where_{server_.listen(where, std::move(what), how)}, thread_{[this] {
              status_ = server_.run();
          }} {}
    running_server(const running_server&) = delete;
    running_server& operator=(const running_server&) = delete;
    ~running_server() { stop(); }

    const endpoint& where() const noexcept { return where_; }
    fairlead::server& server() noexcept { return server_; }

    /// The statistics once so many sessions have ended; a client sees its end a little before it is counted.
    statistics statistics_after(std::uint64_t closed) const {
        return statistics_when([closed](const statistics& found) { return found.closed.total() >= closed; });
    }

    /// The statistics once `enough` holds of them, or when that takes too long.
    template <class Condition>
    statistics statistics_when(Condition enough) const {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        statistics found = server_.statistics();
        while (!enough(found) && std::chrono::steady_clock::now() < give_up) {
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
            found = server_.statistics();
        }
        return found;
    }

    /// What `run` gave once it has returned by itself.
    int wait() {
        if (thread_.joinable())
            thread_.join();
        return status_;
    }

    int stop() {
        server_.stop();
        return wait();
    }

private:
    fairlead::server server_;
    endpoint where_;
    int status_ = -1;
    std::thread thread_;
};

} // namespace fairlead::test
