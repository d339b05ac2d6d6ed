#include <fairlead/session.hpp>

#include "session/link.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <utility>

namespace fairlead {

namespace {

// What one session may do before the others of its shard have their turn.
constexpr unsigned max_messages_per_turn = 1024;
constexpr unsigned max_fills_per_turn = 4;

std::uint64_t next_id() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

} // namespace

session::session(shard& home, std::unique_ptr<stream> transport, framing rules, const limits& bounds)
    : resident{home}, shard_{home}, stream_{std::move(transport)}, framing_{std::move(rules)}, input_{home.blocks()},
      output_{home.blocks()}, limits_{bounds}, id_{next_id()} {}

session::~session() {
    if (link_)
        link_->ended = true;
}

boost::asio::awaitable<result<bytes_view>> session::receive() {
    for (;;) {
        if (turn_used_up())
            co_await yield();
        if (over_soft_limit())
            write_queued();
        if (over_soft_limit() && !end_) {
            input_.park();
            co_await sent_.wait();
            continue;
        }
        if (next_message())
            co_return message_;
        if (end_)
            co_return end_;

        write_queued();
        if (!over_soft_limit() && !fill() && !ends_instead_of_waiting()) {
            input_.park();
            co_await stream_->readable().wait();
            messages_this_turn_ = fills_this_turn_ = 0;
        }
    }
}

std::optional<bytes_view> session::try_receive() {
    if (!turn_used_up() && !over_soft_limit() && next_message())
        return message_;
    return {};
}

// Whether `message_` is the next message; if not, more input is needed or `end_` says why there is none.
bool session::next_message() {
    while (!end_) {
        const bytes_view input = input_.data();
        if (input.empty() && !input_ended_)
            return false;
        auto step = framing_.decode(input);
        if (input_ended_ && step && !step->message && step->consumed == 0)
            step = framing_.finish(input);
        if (!step) {
            explanation_ = framing_.explain(step.error(), input);
            end_receiving(step.error());
            return false;
        }
        input_.consume(step->consumed);
        if (step->message) {
            ++messages_this_turn_;
            message_ = *step->message;
            return true;
        }
        if (step->consumed == 0) {
            if (!input_ended_)
                return false;
            end_receiving(errc::closed);
        }
    }
    return false;
}

// Whether there is something new to look at: bytes, or the end.
bool session::fill() {
    // One more look after a stop takes what has arrived; a peer that sends without pause would never let us end.
    if (stopping_ && std::exchange(looked_after_stop_, true))
        return false;
    const auto filled = stream_->try_fill(input_);
    if (filled) {
        ++fills_this_turn_;
        return true;
    }
    if (filled.error() == errc::would_block)
        return false;
    if (filled.error() == errc::closed)
        input_ended_ = true;
    else
        end_receiving(filled.error());
    return true;
}

bool session::ends_instead_of_waiting() {
    if (stopping_)
        end_receiving(errc::stopping);
    return stopping_;
}

result<void> session::send(bytes_view message) {
    if (output_.size() + message.size() > limits_.send_queue_hard) {
        write_queued();
        if (!output_.empty() && output_.size() + message.size() > limits_.send_queue_hard)
            return errc::send_queue_full;
    }
    return enqueue(message);
}

result<void> session::enqueue(bytes_view message) {
    if (send_error_)
        return send_error_;
    if (closing_)
        return errc::closed;
    if (const auto encoded = framing_.encode(message, output_); !encoded)
        return encoded;
    if (over_soft_limit())
        write_queued();
    else
        shard_.at_end_of_turn(*this);
    if (link_)
        link_->queued = output_.size();
    return {};
}

void session::write_queued() {
    withdraw();
    if (output_.empty() || writable_awaited_)
        return;
    const auto written = stream_->try_write(output_.data());
    if (written)
        output_.consume(*written);
    else if (written.error() != errc::would_block)
        return end_sending(written.error());

    if (link_)
        link_->queued = output_.size();
    if (output_.empty()) {
        output_.release();
    } else {
        writable_awaited_ = true;
        stream_->writable().wait()([self = weak_from_this()] {
            if (const auto alive = self.lock())
                alive->on_writable();
        });
    }
}

void session::on_writable() {
    writable_awaited_ = false;
    write_queued();
    sent_.notify();
}

boost::asio::awaitable<result<void>> session::flush() {
    for (;;) {
        write_queued();
        if (send_error_)
            co_return send_error_;
        if (output_.empty())
            co_return result<void>{};
        co_await sent_.wait();
    }
}

boost::asio::awaitable<result<void>> session::shutdown() {
    const auto flushed = co_await flush();
    if (flushed) {
        closing_ = true;
        if (link_)
            link_->ended = true;
        stream_->shutdown();
    }
    co_return flushed;
}

void session::close() {
    closing_ = true;
    if (link_)
        link_->ended = true;
    if (end_)
        return;
    end_receiving(errc::closed);
    stream_->readable().notify_later(shard_.executor());
    sent_.notify_later(shard_.executor());
}

void session::stop() {
    stopping_ = true;
    stream_->readable().notify_later(shard_.executor());
    sent_.notify_later(shard_.executor());
}

void session::abort(error_code why) {
    end_receiving(why);
    end_sending(why);
    stream_->close();
}

void session::end_receiving(error_code why) {
    if (end_)
        return;
    end_ = why;
    if (explanation_.empty())
        explanation_ = why.message();
}

void session::end_sending(error_code why) {
    if (send_error_)
        return;
    withdraw();
    send_error_ = why;
    output_.release();
    if (link_) {
        link_->queued = 0;
        link_->ended = true;
    }
    sent_.notify_later(shard_.executor());
}

bool session::turn_used_up() const noexcept {
    return messages_this_turn_ >= max_messages_per_turn || fills_this_turn_ >= max_fills_per_turn;
}

boost::asio::awaitable<void> session::yield() {
    write_queued();
    co_await boost::asio::post(shard_.executor(), boost::asio::deferred);
    messages_this_turn_ = fills_this_turn_ = 0;
}

} // namespace fairlead
