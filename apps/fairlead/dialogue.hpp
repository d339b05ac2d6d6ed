#pragma once

#include "line_input.hpp"
#include "parts.hpp"
#include "screen.hpp"
#include "silence.hpp"

#include <fairlead/framing/framing.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace fairlead::command {

/// Lines from stdin to a server, its replies to stdout, both at once on one thread.
///
///     stdin ── a line, a message ──▶ server       the end of input, or `exit` typed, ends our side;
///                                                of a WebSocket after as many replies as lines
///     stdout ◀── a reply, a line ───              until the server has ended its own, or stays silent for too long
class dialogue {
public:
    /// What its session is to be limited by: nothing, for how long a reply may take is for `timeout` to say, and reading
    /// must not stop while the server has yet to take what we send: it may be waiting for us to read. What is queued stays
    /// small all the same, for it is flushed before more input is read.
    static limits session_limits() noexcept;

    /// `server` lives on the first shard of `home`; `framing_name` is that of its framing, and `max_message` its limit.
    dialogue(runtime& home, std::shared_ptr<session> server, std::string framing_name, std::size_t max_message,
             screen::layout how, std::chrono::milliseconds timeout);

    /// Talks until the end and gives the exit code: 1 when there were lines that the framing cannot carry.
    ///
    /// Errors: throws std::runtime_error when the conversation did not come to its end.
    int run();

private:
    boost::asio::awaitable<void> send_lines();
    boost::asio::awaitable<void> wait_for_replies();
    boost::asio::awaitable<void> show_replies();
    void send(bytes_view line);
    void show(bytes_view reply);
    void note_silence();
    void stop();
    std::string why_not_sent(bytes_view line, const error_code& why) const;
    void judge_end() const;
    [[noreturn]] void fail(const std::string& why) const;

    shard& shard_;
    std::string framing_name_;
    std::size_t max_message_;
    std::shared_ptr<session> session_;
    line_input input_;
    screen screen_;
    silence silence_;
    parts parts_;
    std::uint64_t lines_ = 0;
    std::uint64_t unsent_ = 0;
    std::uint64_t replies_ = 0;
    event replied_; // or the end
    bool input_ended_ = false;
    error_code end_; // why there are no more replies

    //  talking ──silent, a WebSocket──▶ closing ──silent──▶ silent      others: talking ──silent──▶ silent
    enum class patience : std::uint8_t { talking, closing, silent };
    patience patience_ = patience::talking;
};

} // namespace fairlead::command
