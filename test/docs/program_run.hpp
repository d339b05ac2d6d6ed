#pragma once

#include "support/run.hpp"

#include <fairlead/fairlead.hpp>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace fairlead::test {

/// Runs the main function of a page's program on a thread. Its URL is a Unix socket without a file, so it needs no port.
class program_run {
public:
    explicit program_run(int (*main)(int, char**), std::vector<std::string> more = {}) : arguments_{"program", url_} {
        arguments_.insert(arguments_.end(), more.begin(), more.end());
        thread_ = std::thread{[this, main] {
            std::vector<char*> words;
            for (std::string& each : arguments_)
                words.push_back(each.data());
            status_ = main(static_cast<int>(words.size()), words.data());
        }};
    }
    program_run(const program_run&) = delete;
    program_run& operator=(const program_run&) = delete;
    ~program_run() {
        if (thread_.joinable())
            stop();
    }

    const std::string& url() const noexcept { return url_; }

    /// Sends the messages over one connection and returns what comes back, one reply for each. Waits for the listener.
    std::vector<std::string> ask(framing rules, const std::vector<std::string>& messages);

    /// Stops the program as a user does, and returns its exit code. Only after a reply: then it has installed its handlers.
    int stop() {
        ::kill(::getpid(), SIGTERM);
        return wait();
    }

    int wait() {
        thread_.join();
        return status_;
    }

private:
    static std::string next_name() {
        static std::atomic<int> count = 0;
        return "unix://@fairlead-docs-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    }

    const std::string url_ = next_name();
    std::vector<std::string> arguments_;
    int status_ = -1;
    std::thread thread_;
};

/// Sends the messages over one connection and appends what comes back, one reply for each, to `replies`. A connection that is
/// refused is tried again, for the program may not listen yet.
inline boost::asio::awaitable<void> ask_each(shard& home, std::string where, framing rules,
                                             std::vector<std::string> messages, std::vector<std::string>& replies) {
    auto connected = co_await connect(home, where, rules);
    for (int tries = 0; !connected && tries < 500; ++tries) {
        co_await home.sleep_for(std::chrono::milliseconds(20));
        connected = co_await connect(home, where, rules);
    }
    const auto server = connected.value();
    for (const std::string& each : messages) {
        server->send(each);
        const auto reply = co_await server->receive(std::chrono::seconds(20));
        replies.push_back(reply ? to_string(*reply) : reply.error().message());
    }
    co_await server->close_gracefully();
}

inline std::vector<std::string> ask(std::string where, framing rules, const std::vector<std::string>& messages) {
    std::vector<std::string> replies;
    runtime home{1};
    home.run(ask_each(home[0], std::move(where), std::move(rules), messages, replies));
    return replies;
}

inline std::vector<std::string> program_run::ask(framing rules, const std::vector<std::string>& messages) {
    return test::ask(url_, std::move(rules), messages);
}

/// Runs a server on a thread until the end of the test; `run` gives its exit code.
class server_run {
public:
    explicit server_run(server& served) : served_{served}, thread_{[this] { status_ = served_.run(); }} {}
    server_run(const server_run&) = delete;
    server_run& operator=(const server_run&) = delete;
    ~server_run() {
        if (thread_.joinable())
            stop();
    }

    int stop() {
        served_.stop();
        return wait();
    }

    int wait() {
        thread_.join();
        return status_;
    }

private:
    server& served_;
    int status_ = -1;
    std::thread thread_;
};

using texts = std::vector<std::string>;

} // namespace fairlead::test
