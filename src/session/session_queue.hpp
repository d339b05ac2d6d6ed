#pragma once

#include "session/library_work.hpp"
#include "session/session_impl.hpp"
#include "session/session_target.hpp"

#include <cstdint>

namespace fairlead {

/// Calls `send`, which queues in the channel, and updates the session. Errors: those of `send`; then
/// nothing was queued.
template <class Send>
result<void> session_impl::queue(std::uint64_t messages, Send send) try {
    if (!can_send())
        return why_not_sending();
    const library_work sending{shard_};
    const result<output_progress> sent = send();
    if (!sent) {
        note_failure();
        return sent.error();
    }
    count_messages_out(messages);
    queued_ = sent->queued;
    if (sent->written != 0 || sent->state != output_state::open)
        note_progress(*sent);
    note_queued();
    return {};
} catch (...) {
    note_failure();
    throw;
}

/// Appends messages, encoded by `encode`, to those that wait for the end of an open message in parts.
template <class Encode>
result<void> session_impl::wait_behind(std::uint64_t messages, Encode encode) {
    outgoing_message& first = *parts_->outgoing;
    if (const result<void> encoded = encode(first.bytes); !encoded)
        return encoded;
    first.waiting += messages;
    if (handle_)
        handle_->set_queued(queued_ + waiting_bytes());
    return {};
}

/// While it lives, a handler that was working waits for its peer to take the queued bytes.
class session_impl::unread {
public:
    explicit unread(session_impl& of) noexcept
        : session_{of.deadlines_.phase() == session_phase::handling ? &of : nullptr} {
        if (session_)
            session_->begin_hold();
    }
    unread(const unread&) = delete;
    unread& operator=(const unread&) = delete;
    ~unread() {
        if (session_)
            session_->end_hold();
    }

private:
    session_impl* const session_;
};

} // namespace fairlead
