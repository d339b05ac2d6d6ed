#pragma once

#include "connect.hpp"
#include "line_input.hpp"
#include "screen.hpp"

#include <fairlead/framing/framing.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

namespace fairlead::command {

/// Lines from stdin to a server, its replies to stdout, both at once on one thread.
///
///     stdin ── a line, a message ──▶ server       `exit`, `quit` or the end of input ends our side
///     stdout ◀── a reply, a line ───              until the server has ended its own, or stays silent for too long
class dialogue {
public:
    dialogue(runtime& home, connection server, framing rules, std::chrono::milliseconds timeout);

    /// Talks until the end and gives the exit code: 1 when there were lines that the framing cannot carry.
    ///
    /// Errors: throws std::runtime_error when the conversation did not come to its end.
    int run();

private:
    using clock = std::chrono::steady_clock;

    void spawn(boost::asio::awaitable<void> part);
    boost::asio::awaitable<void> send_lines();
    boost::asio::awaitable<void> show_replies();
    void send(bytes_view line);
    void show(bytes_view reply);
    void watch_silence();
    void stop();
    void judge_end() const;
    [[noreturn]] void fail(const std::string& why) const;

    runtime& runtime_;
    shard& shard_;
    std::string framing_name_;
    std::shared_ptr<session> session_;
    line_input input_;
    screen screen_;
    boost::asio::steady_timer timer_;
    std::chrono::milliseconds timeout_;
    clock::time_point last_sign_; // of the server, or the end of input
    std::exception_ptr failure_;
    std::uint64_t lines_ = 0;
    std::uint64_t unsent_ = 0;
    std::uint64_t replies_ = 0;
    int running_ = 0;
    bool input_ended_ = false;
    bool silent_ = false;
};

} // namespace fairlead::command
