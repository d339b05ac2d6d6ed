#include <fairlead/session.hpp>

#include "session/link.hpp"

#include <algorithm>

namespace fairlead {

namespace {

// From this size on a call of the system costs less than copying a message to where others are gathered.
constexpr std::size_t worth_no_copy = 32 * 1024;

} // namespace

result<void> session::send(bytes_view message) {
    if (output_.size() + message.size() > limits_->send_queue_hard) {
        write_queued();
        if (!output_.empty() && output_.size() + message.size() > limits_->send_queue_hard) {
            shard_.counters().send_queue_full.add();
            return errc::send_queue_full;
        }
    }
    return enqueue(message);
}

result<void> session::enqueue(bytes_view message) {
    if (send_error_)
        return send_error_;
    if (closing_)
        return errc::closed;
    const bool at_once =
        message.size() >= worth_no_copy && output_.empty() && !writable_awaited_ && framing_.has_head();
    if (const auto encoded = at_once ? framing_.encode_head(message, output_) : framing_.encode(message, output_);
        !encoded)
        return encoded;
    shard_.counters().messages_out.add();
    if (at_once)
        write_with(message);
    else if (over_soft_limit())
        write_queued();
    else if (!turn_task::linked())
        shard_.at_end_of_turn(*this);
    if (link_)
        link_->queued = output_.size();
    return {};
}

void session::write_queued() {
    if (!waking_)
        turn_task::unlink();
    if (output_.empty() || writable_awaited_)
        return;
    const auto written = stream_->try_write(output_.data());
    if (send_error_)
        return; // aborted meanwhile, and nothing is queued any more
    if (written)
        output_.consume(*written);
    note_written(written);
}

// Writes what is queued, the head of a message, and the message, of which only what is left is copied.
void session::write_with(bytes_view message) {
    const auto written = stream_->try_write_both(output_.data(), message);
    if (send_error_)
        return;
    const std::size_t size = written ? *written : 0;
    const std::size_t of_head = std::min(size, output_.size());
    output_.consume(of_head);
    if (written || written.error() == errc::would_block)
        queue_rest(message.from(size - of_head));
    note_written(written);
}

void session::queue_rest(bytes_view rest) {
    try {
        output_.append(rest);
    } catch (...) {
        end_sending(make_error_code(boost::system::errc::not_enough_memory)); // half a message is on its way
        throw;
    }
}

void session::note_written(const result<std::size_t>& written) {
    if (written) {
        shard_.counters().bytes_out.add(*written);
        deadlines_.wrote(shard_.now());
    } else if (written.error() != errc::would_block) {
        return end_sending(written.error());
    }

    if (link_)
        link_->queued = output_.size();
    if (output_.empty()) {
        output_.release();
        deadlines_.write_done();
        return;
    }
    output_.park();
    deadlines_.write_blocked(shard_.now(), written.has_value());
    stream_->writable().wait()([self = weak_from_this()] {
        if (const auto alive = self.lock())
            alive->on_writable();
    });
    writable_awaited_ = true;
}

void session::on_writable() {
    writable_awaited_ = false;
    write_queued();
    may_go_on_.notify();
}

boost::asio::awaitable<result<void>> session::flush() {
    for (;;) {
        write_queued();
        if (send_error_)
            co_return send_error_;
        if (output_.empty())
            co_return result<void>{};
        const bool handling = deadlines_.phase() == session_phase::handling;
        if (handling)
            deadlines_.holds_back(shard_.now());
        co_await may_go_on_.wait();
        if (handling)
            deadlines_.goes_on_handling(shard_.now());
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

void session::end_sending(error_code why) noexcept {
    if (send_error_)
        return;
    send_error_ = why;
    send_failed_first_ = !end_;
    output_.release();
    deadlines_.write_done();
    if (link_) {
        link_->queued = 0;
        link_->ended = true;
    }
    wake();
}

} // namespace fairlead
