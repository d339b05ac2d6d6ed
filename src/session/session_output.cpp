// The output of a session.

#include "core/cancellation.hpp"
#include "log/log_exceptions.hpp"
#include "session/library_work.hpp"
#include "session/session_queue.hpp"
#include "session/session_target.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

/// A position in the list of watchers.
class session_impl::bookmark final : public session_watcher {
public:
    bool is_behind() const noexcept override { return false; }
    void catch_up() override {}
    void on_session_end() noexcept override {}
};

// `send_otherwise` adds the first reply in place: it has the reply written later, and sets how many bytes may
// be queued here. Replies right behind it are written together with it, so they need no more checks.
result<void> session_impl::send(bytes_view message) {
    in_place_replies& replies = channel_->replies();
    const std::size_t added = replies.extension(message);
    if (added == 0 || queued_ + added > in_place_most_)
        return send_otherwise(message);
    replies.extend(message);
    queued_ += added;
    ++uncounted_;
    return {};
}

result<void> session_impl::send_otherwise(bytes_view message) {
    if (sending_ == send_state::open && !blocked_ && queued_ + message.size() <= limits_->max_write_buffer) {
        if (const std::size_t added = channel_->replies().add(message)) {
            queued_ += added;
            ++uncounted_;
            note_queued();
            return {};
        }
    }
    return send_or_refuse(message);
}

result<void> session_impl::send_or_refuse(bytes_view message) {
    if (queued_ + waiting_bytes() + message.size() > limits_->max_write_buffer) {
        write_queued();
        const std::size_t before = queued_ + waiting_bytes();
        if (before != 0 && before + message.size() > limits_->max_write_buffer) {
            shard_.counters().send_queue_full.add();
            return errc::send_queue_full;
        }
    }
    return enqueue(message);
}

result<void> session_impl::enqueue(bytes_view message) {
    if (sending_ == send_state::inside_message)
        return wait_behind(1, [&](byte_buffer& to) { return channel_->encode(message, to); });
    return queue(1, [&] { return channel_->send(message); });
}

result<void> session_impl::send_encoded(bytes_view bytes, std::uint64_t messages) {
    if (sending_ == send_state::inside_message)
        return wait_behind(messages, [&](byte_buffer& to) {
            to.append(bytes);
            return result<void>{};
        });
    return queue(messages, [&] {
        auto sent = channel_->send_encoded(bytes);
        if (sent)
            count_messages_out(std::exchange(uncounted_, 0));
        return sent;
    });
}

// The handle does not learn of replies that `send` adds by itself. `serve` reports them when it writes; a
// session handler that has given out a handle sends all its replies by `send_otherwise`.
void session_impl::note_queued() {
    if (over_high_watermark()) {
        write_queued();
        budget_.look_now();
    } else if (caller_ == caller::other && queued_ != 0 && !end_of_turn_task::linked()) {
        shard_.at_end_of_turn(*this);
    }
    if (handle_)
        handle_->set_queued(queued_ + waiting_bytes());
    const bool in_place = sending_ == send_state::open && (caller_ == caller::serving || !handle_);
    in_place_most_ = in_place ? std::min(limits_->write_high_watermark, limits_->max_write_buffer) : 0;
}

void session_impl::end_output(error_code why) {
    channel_->end_output(stop_ == stop_request::made ? make_error_code(errc::stopping) : why);
    note_own_output();
}

error_code session_impl::why_not_sending() const {
    return sending_ == send_state::failed ? channel_->output_failure() : make_error_code(errc::closed);
}

void session_impl::write() try {
    if (!waking_)
        end_of_turn_task::unlink(); // running the task later would fetch this session into the cache once more
    count_messages_out(std::exchange(uncounted_, 0));
    const library_work writing{shard_};
    note_progress(channel_->write());
} catch (...) {
    note_failure();
    throw;
}

void session_impl::note_progress(const output_progress& now) {
    if (sending_ == send_state::failed)
        return;
    queued_ = now.queued;
    charge();
    if (now.state == output_state::failed)
        return note_failure();
    if (handle_)
        handle_->set_queued(queued_ + waiting_bytes());
    if (now.written != 0) {
        count_bytes_out(now.written);
        deadlines_.wrote(shard_.now());
    }
    if (now.state == output_state::open) {
        deadlines_.write_done();
    } else if (!blocked_) {
        shard_.counters().queue_sizes.add(queued_);
        deadlines_.write_blocked(shard_.now(), now.written != 0);
        await_writable();
    }
}

void session_impl::note_failure() {
    if (const error_code why = channel_->output_failure())
        enter(send_state::failed, why);
}

void session_impl::await_writable() {
    channel_->writable().wait()([self = weak_from_this()] {
        if (const auto alive = self.lock())
            alive->on_writable();
    });
    blocked_ = true;
}

void session_impl::on_writable() {
    blocked_ = false;
    log_exceptions([this] { write_queued(); }); // and wake those that wait: they learn of the end, or write again
    let_watchers_catch_up();
    may_go_on_.notify();
}

// A watcher may run code of the program, which may add and unlink any of them, but not the bookmark.
void session_impl::let_watchers_catch_up() {
    for (session_watcher* each = watchers_.front(); each != nullptr && !blocked();) {
        if (!each->is_behind()) {
            each = watchers_.after(*each);
            continue;
        }
        bookmark here;
        watchers_.insert_after(*each, here);
        log_exceptions([each] { each->catch_up(); });
        each = watchers_.after(here); // none once the session has ended
    }
}

boost::asio::awaitable<result<void>> session_impl::wait_until_sent(bool cancellable) {
    for (;;) {
        write_queued();
        if (sending_ == send_state::failed)
            co_return channel_->output_failure();
        if (queued_ == 0)
            co_return result<void>{};
        {
            const unread meanwhile{*this};
            co_await may_go_on_.wait();
        }
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (cancellable && is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
}

boost::asio::awaitable<result<void>> session_impl::shutdown() {
    auto flushed = co_await flush();
    if (flushed) {
        enter(send_state::closing);
        end_output(why_ended());
        if (queued_ != 0)
            flushed = co_await flush();
        if (flushed)
            channel_->shutdown();
    }
    co_return flushed;
}

} // namespace fairlead
