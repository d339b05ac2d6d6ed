#include <fairlead/session.hpp>

#include "session/handle_state.hpp"

#include <algorithm>
#include <functional>

namespace fairlead {

namespace {

// From this size on a call of the system costs less than copying a message to where others are gathered.
constexpr std::size_t worth_no_copy = 32 * 1024;

} // namespace

result<void> session::send(bytes_view message) {
    if (queued() + message.size() > limits_->max_write_buffer) {
        write_queued();
        if (queued() != 0 && queued() + message.size() > limits_->max_write_buffer) {
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
    if (const auto queued = may_leave_in_place(message) ? queue_in_place(message) : queue_copy(message); !queued)
        return queued;
    shard_.counters().messages_out.add();
    if (over_soft_limit())
        write_queued();
    else if (queued() != 0 && !end_of_turn_task::linked())
        shard_.at_end_of_turn(*this);
    if (link_)
        link_->queued = queued();
    return {};
}

result<void> session::queue_copy(bytes_view message) {
    spill_in_place();
    if (send_error_)
        return send_error_;
    const bool at_once =
        message.size() >= worth_no_copy && output_.empty() && !writable_awaited_ && framing_has_header_;
    if (!at_once)
        return framing_.encode(message, output_);
    const auto encoded = framing_.encode_header(message, output_);
    if (encoded)
        write_with(message);
    return encoded;
}

// Whether it is the message in hand, whose head may be written over the one that it came with.
bool session::may_leave_in_place(bytes_view message) {
    return message.data() == message_.data() && !writable_awaited_ && framing_has_header_ && !writable(message).empty();
}

// Such a reply leaves from where it stands, alone or right behind another.
//
//     input_:  … | head | message | head | message | what is not decoded yet …
//                |<--------- in_place_ ----------->|
result<void> session::queue_in_place(bytes_view message) {
    byte_buffer& scratch = shard_.scratch();
    scratch.truncate(0);
    if (const auto encoded = framing_.encode_header(message, scratch); !encoded)
        return encoded;
    const bytes_view head = scratch.data();
    if (!in_place_.empty() && in_place_.end() + head.size() != message.data())
        spill_in_place();
    if (send_error_)
        return send_error_;

    const auto consumed = input_.consumed();
    const auto offset = static_cast<std::size_t>(message.data() - consumed.data());
    if (writable_awaited_ || head.size() > offset) {
        output_.prepare(head.size() + message.size());
        output_.append(head);
        output_.append(message);
        return {};
    }
    const auto place = consumed.subspan(offset - head.size(), head.size());
    std::ranges::copy(head, place.begin());
    in_place_ = {in_place_.empty() ? place.data() : in_place_.data(), in_place_.size() + head.size() + message.size()};
    return {};
}

// A framing may have its messages elsewhere than in the input, and `part` may be anything.
std::span<unsigned char> session::writable(bytes_view part) {
    const auto consumed = input_.consumed();
    const std::less_equal<const unsigned char*> not_behind;
    const unsigned char* const not_queued = in_place_.empty() ? consumed.data() : in_place_.end();
    if (part.empty() || !not_behind(message_.data(), part.data()) || !not_behind(part.end(), message_.end()) ||
        !not_behind(not_queued, part.data()) || !not_behind(part.end(), consumed.data() + consumed.size()))
        return {};
    return consumed.subspan(static_cast<std::size_t>(part.data() - consumed.data()), part.size());
}

void session::spill_in_place() {
    if (in_place_.empty())
        return;
    if (in_place_.size() >= worth_no_copy)
        return write_queued();
    output_.append(in_place_);
    in_place_ = {};
}

void session::write_out() {
    if (!waking_)
        end_of_turn_task::unlink();
    write_with(in_place_);
}

// Writes what is queued and then `rest`, of which only what is left is copied.
void session::write_with(bytes_view rest) {
    in_place_ = {};
    const bytes_view queue = output_.data();
    const auto written = queue.empty()  ? stream_->try_write(rest)
                         : rest.empty() ? stream_->try_write(queue)
                                        : stream_->try_write_both(queue, rest);
    if (send_error_)
        return;
    const std::size_t size = written ? *written : 0;
    const std::size_t of_queue = std::min(size, output_.size());
    output_.consume(of_queue);
    if (written || written.error() == errc::would_block)
        queue_rest(rest.from(size - of_queue));
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
    in_place_ = {};
    deadlines_.write_done();
    if (link_) {
        link_->queued = 0;
        link_->ended = true;
    }
    wake();
}

} // namespace fairlead
