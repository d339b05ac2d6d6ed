#pragma once

#include "parts.hpp"
#include "screen.hpp"
#include "silence.hpp"
#include "talk/expectation.hpp"
#include "talk/line_editor.hpp"
#include "talk/reply_times.hpp"
#include "talk/talk_settings.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/udp_client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace fairlead::command {

/// Sends messages from stdin or the command line to a server, each as a datagram, and shows its datagrams
/// on stdout, both at once on one thread.
///
///     stdin ── a line, a datagram ──▶ server      the end of input, or `exit` typed, ends our side; then replies are
///     stdout ◀── a datagram, a line ───           shown until there are as many as lines, or none comes for too long
class udp_dialogue {
public:
    udp_dialogue(runtime& home, std::unique_ptr<udp_client> server, talk_settings how);

    /// Talks until the end and returns the exit code: 1 if there were messages that could not be sent.
    ///
    /// Errors: throws std::runtime_error when lines were left without a reply, or the network refused them.
    int run();

private:
    boost::asio::awaitable<void> send_lines();
    boost::asio::awaitable<void> send(outgoing message);
    void refuse(const std::string& why);
    boost::asio::awaitable<void> pause();
    boost::asio::awaitable<void> show_replies();
    void show(bytes_view reply);
    void stop();
    bool all_answered() const noexcept { return !expected_.is_given() && replies_ >= sent_; }
    void judge_end(const error_code& why) const;
    [[noreturn]] void fail(const std::string& why) const;

    std::unique_ptr<udp_client> server_;
    const talk_settings how_;
    const std::unique_ptr<line_editor> editor_; // null with --send, and without a terminal that can edit
    message_source input_;
    screen screen_;
    silence silence_;
    reply_times times_;
    expectation expected_;
    boost::asio::steady_timer pause_;
    parts parts_;
    std::uint64_t lines_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t replies_ = 0;
    int under_way_ = 0; // lines that were sent and may still get a reply
    bool input_ended_ = false;
    bool stopped_ = false;
};

} // namespace fairlead::command
