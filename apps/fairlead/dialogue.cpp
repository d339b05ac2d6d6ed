#include "dialogue.hpp"

#include "quantity.hpp"

#include <boost/system/system_error.hpp>

#include <limits>
#include <stdexcept>
#include <utility>

namespace fairlead::command {

limits dialogue::session_limits() noexcept {
    constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    constexpr limits::duration off{0};
    return {.write_high_watermark = unlimited,
            .max_write_buffer = unlimited,
            .first_message_timeout = off,
            .message_timeout = off,
            .idle_timeout = off};
}

dialogue::dialogue(runtime& home, std::shared_ptr<session> server, std::string framing_name, talk_settings how)
    : shard_{home[0]}, framing_name_{std::move(framing_name)}, how_{std::move(how)}, session_{std::move(server)},
      editor_{how_.messages.given.empty() ? edit_lines(!how_.no_history) : nullptr}, input_{shard_, how_.messages,
                                                                                            how_.max_message,
                                                                                            editor_.get()},
      screen_{how_.layout, editor_.get()}, silence_{shard_, how_.timeout}, expected_{how_.expected}, parts_{home} {}

int dialogue::run() {
    screen_.greet(session_->remote().to_string() + ", framing " + framing_name_);
    parts_.spawn(send_lines());
    parts_.spawn(show_replies());
    parts_.run([this] { stop(); });
    return unsent_ == 0 ? 0 : 1;
}

boost::asio::awaitable<void> dialogue::send_lines() {
    for (;;) {
        auto message = input_.try_next();
        if (!message) {
            co_await session_->flush();
            message = co_await input_.next();
        }
        if (!message)
            break;
        if (session_->close_reason())
            co_return;
        send(*message);
    }
    input_ended_ = true;
    silence_.watch([this] { note_silence(); });
    if (session_->websocket() || expected_.is_given())
        co_await wait_for_replies();
    co_await session_->shutdown();
}

// Ending one side of a WebSocket ends the other, so this waits for the replies first. With an expected text
// it waits too, because a server may stop replying when this side ends.
boost::asio::awaitable<void> dialogue::wait_for_replies() {
    while ((expected_.is_given() || replies_ + unsent_ < lines_) && patience_ == patience::talking &&
           !session_->close_reason())
        co_await replied_.wait();
}

// A WebSocket is closed after the first silence: its server may have no reply to the last lines.
void dialogue::note_silence() {
    if (session_->websocket() && !expected_.is_given() && patience_ == patience::talking) {
        patience_ = patience::closing;
        replied_.notify_later(shard_.get_executor());
        return silence_.again();
    }
    patience_ = patience::silent;
    stop();
}

// If the connection has ended, `show_replies` reports the reason.
void dialogue::send(const outgoing& message) {
    ++lines_;
    screen_.begin_line();
    std::string fault = message.fault;
    if (fault.empty()) {
        const auto sent = session_->send(message.bytes);
        if (sent && how_.times)
            times_.note_sent(std::chrono::steady_clock::now());
        if (!sent && (sent.error() == errc::malformed || sent.error() == errc::message_too_large))
            fault = why_not_sent(message.bytes, sent.error());
    }
    if (!fault.empty()) {
        ++unsent_;
        screen_.warn("message " + std::to_string(lines_) + " was not sent: " + fault);
    }
    screen_.prompt_person();
}

std::string dialogue::why_not_sent(bytes_view message, const error_code& why) const {
    return "framing " + framing_name_ + " cannot carry it: it has " + count(message.size(), "byte", "bytes") +
           (why == errc::message_too_large ? ", which is too many"
                                           : ", and not the form or size that the framing wants");
}

boost::asio::awaitable<void> dialogue::show_replies() {
    for (;;) {
        const auto first = co_await session_->receive();
        if (!first) {
            end_ = first.error();
            break;
        }
        show(*first);
        while (const auto next = session_->try_receive())
            show(*next);
        screen_.flush();
    }
    screen_.leave();
    stop();
    if (!parts_.failed())
        judge_end();
}

void dialogue::show(bytes_view reply) {
    ++replies_;
    if (!expected_.is_given())
        silence_.end();
    replied_.notify_later(shard_.get_executor());
    using namespace std::chrono;
    screen_.show(reply, how_.times ? times_.of_reply(steady_clock::now(), system_clock::now()) : "");
    expected_.note(reply);
    if (expected_.is_met())
        stop();
}

void dialogue::stop() {
    session_->abort(errc::closed);
    replied_.notify_later(shard_.get_executor());
    input_.close();
    silence_.cancel();
}

void dialogue::judge_end() const {
    if (expected_.is_met())
        return;
    if (expected_.is_given() && (patience_ == patience::silent || end_ == errc::closed))
        fail(expected_.disappointment() + (patience_ == patience::silent
                                               ? " within " + to_text(silence_.limit()) + " after the last message"
                                               : " before the server closed the connection"));
    if (patience_ == patience::silent)
        fail("no reply and no end of the connection within " + to_text(silence_.limit()) +
             " after the last line; --timeout gives it longer");
    const close_reason reason = session_->close_reason();
    if (end_ != errc::closed)
        fail((reason.code == end_ ? reason.message() : end_.message()) +
             (end_ == errc::message_too_large ? " (--max-message " + to_text(how_.max_message) + ")" : ""));
    if (!input_ended_)
        fail("the server closed the connection before the end of the input, after " +
             count(replies_, "reply", "replies") + " to " + count(lines_, "line", "lines"));
    if (replies_ == 0 && lines_ != unsent_)
        fail("the server closed the connection without a reply; does it use framing " + framing_name_ + "?");
}

void dialogue::fail(const std::string& why) const {
    throw std::runtime_error{session_->remote().to_string() + ": " + why};
}

} // namespace fairlead::command
