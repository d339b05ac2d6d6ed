#include "udp_dialogue.hpp"

#include "quantity.hpp"
#include "start_advice.hpp"

#include <fairlead/connect.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace fairlead::command {

namespace {

// UDP has no flow control: datagrams that do not fit into the server's buffer are lost without an error. So
// at most `window` lines wait for a reply. If no reply comes for `lull`, these lines count as lost, and
// others follow.
constexpr int window = 16;
constexpr std::chrono::milliseconds lull{50};

} // namespace

udp_dialogue::udp_dialogue(runtime& home, std::unique_ptr<udp_client> server, talk_settings how)
    : server_{std::move(server)}, how_{std::move(how)}, editor_{how_.messages.given.empty()
                                                                    ? edit_lines(!how_.no_history)
                                                                    : nullptr},
      input_{home[0], how_.messages, how_.max_message, editor_.get()}, screen_{how_.layout, editor_.get()},
      silence_{home[0], how_.timeout}, expected_{how_.expected}, pause_{home[0].get_executor()}, parts_{home} {}

int udp_dialogue::run() {
    screen_.greet(server_->remote().to_string() + ", a datagram for each line");
    parts_.spawn(send_lines());
    parts_.spawn(show_replies());
    parts_.run([this] { stop(); });
    return sent_ == lines_ ? 0 : 1;
}

boost::asio::awaitable<void> udp_dialogue::send_lines() {
    while (const auto message = co_await input_.next()) {
        co_await send(*message);
        screen_.prompt_person();
    }
    input_ended_ = true;
    if (all_answered())
        stop();
    else if (!stopped_)
        silence_.watch([this] { stop(); });
}

boost::asio::awaitable<void> udp_dialogue::send(outgoing message) {
    ++lines_;
    if (!message.fault.empty())
        co_return refuse(message.fault);
    while (under_way_ >= window && !stopped_)
        co_await pause();
    for (;;) {
        if (stopped_) {
            --lines_; // this line is not sent
            co_return;
        }
        const auto sent = server_->send(message.bytes);
        if (sent)
            break;
        if (sent.error() == errc::message_too_large)
            co_return refuse("it has " + std::to_string(message.bytes.size()) + " bytes, more than a datagram carries");
        if (sent.error() != errc::would_block && sent.error().value() != ENOBUFS)
            fail("message " + std::to_string(lines_) + " was not sent: " + sent.error().message());
        co_await pause();
    }
    ++sent_;
    ++under_way_;
    if (how_.times)
        times_.note_sent(std::chrono::steady_clock::now());
}

void udp_dialogue::refuse(const std::string& why) {
    screen_.warn("message " + std::to_string(lines_) + " was not sent: " + why);
}

// Waits until a reply comes, for `lull` at most; then the lines under way count as lost.
boost::asio::awaitable<void> udp_dialogue::pause() {
    error_code cancelled;
    pause_.expires_after(lull);
    co_await pause_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    if (!cancelled)
        under_way_ = 0;
}

boost::asio::awaitable<void> udp_dialogue::show_replies() {
    error_code why;
    while (!why) {
        const auto first = co_await server_->receive();
        if (first) {
            show(*first);
            while (const auto next = server_->try_receive())
                show(*next);
            screen_.flush();
            if (input_ended_ && all_answered())
                stop();
        } else if (first.error().value() != EMSGSIZE) { // a line was lost, being too large for a network on the way
            why = first.error();
        }
    }
    screen_.leave();
    stop();
    if (!parts_.failed())
        judge_end(why);
}

void udp_dialogue::show(bytes_view reply) {
    ++replies_;
    under_way_ = std::max(0, under_way_ - 1);
    pause_.cancel();
    if (!expected_.is_given())
        silence_.end();
    using namespace std::chrono;
    screen_.show(reply, how_.times ? times_.of_reply(steady_clock::now(), system_clock::now()) : "");
    expected_.note(reply);
    if (expected_.is_met())
        stop();
}

void udp_dialogue::stop() {
    stopped_ = true;
    server_->close();
    input_.close();
    silence_.cancel();
    pause_.cancel();
}

void udp_dialogue::judge_end(const error_code& why) const {
    if (expected_.is_met())
        return;
    if (why.value() == ECONNREFUSED) {
        const url address = url::parse(server_->remote().to_string());
        fail(describe(address, why) + start_advice(address, why));
    }
    if (why != errc::closed)
        fail(why.message());
    if (expected_.is_given())
        fail(expected_.disappointment() + " within " + to_text(silence_.limit()) + " after the last message");
    if (!all_answered())
        fail(count(replies_, "reply", "replies") + " to " + count(sent_, "line", "lines") + " within " +
             to_text(silence_.limit()) + "; datagrams may be lost, or the server does not answer each one");
}

void udp_dialogue::fail(const std::string& why) const {
    throw std::runtime_error{server_->remote().to_string() + ": " + why};
}

} // namespace fairlead::command
