#pragma once

#include "parts.hpp"
#include "screen.hpp"
#include "silence.hpp"
#include "talk/expectation.hpp"
#include "talk/line_editor.hpp"
#include "talk/reply_times.hpp"
#include "talk/talk_settings.hpp"

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

/// Sends messages from stdin or the command line to a server and shows its replies on stdout, both at once
/// on one thread.
///
///     stdin ── a line, a message ──▶ server       the end of input, or `exit` typed, ends our side;
///                                                of a WebSocket after as many replies as lines
///     stdout ◀── a reply, a line ───              until the server has ended its own, or stays silent for too long
///
/// With an expected text, this side stays open until the first reply that contains the text; then the talk ends.
class dialogue {
public:
    /// Returns the limits of its session. There is no time limit for messages: `timeout` limits the wait
    /// for replies. The queue has no limit, because reading must not stop while the server has not taken
    /// all messages: the server may wait until its replies are read. The queue stays small, because it is
    /// flushed before more input is read.
    static limits session_limits() noexcept;

    /// `server` lives on the first shard of `home`; `framing_name` is that of its framing.
    dialogue(runtime& home, std::shared_ptr<session> server, std::string framing_name, talk_settings how);

    /// Talks until the end and returns the exit code: 1 if there were messages that could not be sent.
    ///
    /// Errors: throws std::runtime_error when the conversation did not come to its end.
    int run();

private:
    boost::asio::awaitable<void> send_lines();
    boost::asio::awaitable<void> wait_for_replies();
    boost::asio::awaitable<void> show_replies();
    void send(const outgoing& message);
    void show(bytes_view reply);
    void note_silence();
    void stop();
    std::string why_not_sent(bytes_view message, const error_code& why) const;
    void judge_end() const;
    [[noreturn]] void fail(const std::string& why) const;

    shard& shard_;
    std::string framing_name_;
    const talk_settings how_;
    std::shared_ptr<session> session_;
    const std::unique_ptr<line_editor> editor_; // null with --send, and without a terminal that can edit
    message_source input_;
    screen screen_;
    silence silence_;
    reply_times times_;
    expectation expected_;
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
