#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>
#include "runtime/shard_core.hpp"
#include <fairlead/session_deadlines.hpp>
#include <fairlead/transport/event.hpp>
#include <fairlead/transport/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace fairlead {

class session_handle;

/// Whole messages to and from one peer.
///
///     bytes from the peer ──▶ input ──decode──▶ receive()
///     bytes to the peer   ◀── output ◀─encode── send()
///
/// What is sent is gathered and leaves in one write: before `receive` waits, when `flush` is awaited, at the end of the
/// turn, or when a good deal has come together. A reply that is the very message just received leaves from where that
/// stands if it can. A message is never torn or mixed with another. A session that waits holds no buffers, but for the beginning of a message
/// that has not come whole.
///
/// Thread safety: the thread of its shard; others take a `handle()`. Lifetime: make it with std::make_shared; its shard
/// outlives it.
class session final : public peer,
                      public std::enable_shared_from_this<session>,
                      private shutdown_hook,
                      private end_of_turn_task,
                      private event::waiter,
                      private deadline {
public:
    session(shard_core& home, std::unique_ptr<stream> transport, framing rules, const limits& bounds = {});
    session(shard_core& home, std::unique_ptr<stream> transport, framing rules, std::shared_ptr<const limits> shared);
    ~session() override;

    /// The next message; waits for it, and lets other sessions have their turn when many come at once. One caller at a
    /// time. The view is valid until the next `receive` or `try_receive`.
    ///
    /// Errors, every one the end: `errc::closed` after the peer, or we, ended the connection between two messages;
    /// `errc::stopping` when the server stops; `errc::truncated`, `errc::message_too_large`, `errc::malformed` from the
    /// framing; `errc::first_message_timeout`, `errc::message_timeout`, `errc::idle_timeout` when the peer let a deadline
    /// pass (replies already queued are still sent after any of these); `errc::write_timeout`, `errc::handler_timeout`;
    /// what the system reported.
    boost::asio::awaitable<result<bytes_view>> receive();

    /// A message that is already here, or nothing: then `receive` knows why.
    std::optional<bytes_view> try_receive();

    result<void> send(bytes_view message) override;
    std::span<unsigned char> writable(bytes_view message) override;

    /// Waits until everything queued has been handed to the operating system.
    boost::asio::awaitable<result<void>> flush();

    /// Flushes, then tells the peer that nothing more will be sent; receiving goes on.
    boost::asio::awaitable<result<void>> shutdown();

    void close() override;

    endpoint remote() const override { return stream_->remote(); }
    endpoint local() const { return stream_->local(); }
    std::uint64_t id() const noexcept { return id_; } ///< unique in the process
    fairlead::shard& shard() noexcept { return shard_.facade(); } ///< where it lives: for `shard::blocking`, connections of its own, …
    int native_handle() const noexcept { return stream_->native_handle(); }

    /// A way to reach this session from any thread, and after its end.
    session_handle handle();

    /// Why `receive` gives no more messages; no error while it may.
    error_code end_reason() const noexcept { return end_; }

    /// The same in words for a log, with the first bytes of what could not be decoded.
    std::string end_explanation() const { return explanation_ ? *explanation_ : end_.message(); }

    /// What ended the session first: `end_reason`, or why what was queued could not be sent.
    error_code cause() const noexcept { return send_failed_first_ ? send_error_ : end_; }

    /// Whether the peer has ended its side.
    bool ended_by_peer() const noexcept { return input_ended_; }

    /// What it is doing, for a report.
    session_phase phase() const noexcept { return deadlines_.phase(); }
    bool inside_message() const noexcept { return deadlines_.inside_message(); }
    ticks began() const noexcept { return began_; } ///< on the clock of its shard
    std::size_t queued() const noexcept { return output_.size() + in_place_.size(); }

    // For those who run sessions, as `server` does:

    /// Calls `handle` for each message, as it would be with `receive`, from now on, and without a coroutine for that.
    ///
    ///     for (peer.serve(handle); !peer.served();)
    ///         co_await peer.changed().wait();
    ///
    /// Lifetime: `handle` is there until `served`.
    void serve(message_handler& handle);

    /// Whether there are no more. Errors: throws what the handler threw, once.
    bool served();

    event& changed() noexcept { return may_go_on_; } ///< notified, among others, when `served` changes

    /// Whether somebody else may go on here: both sides still send, and nothing is left of what has been received.
    bool is_reusable();

    /// Has `receive` give what has arrived and then `errc::stopping`.
    void drain();

    /// Ends the session well: flushes, ends our side, waits until the peer has ended its own so that it gets our last
    /// bytes (a close with unread input would reset the connection, RFC 9293 3.10.4), at most `limits::linger_timeout`, closes.
    boost::asio::awaitable<void> close_gracefully();

    /// Closes at once. `why` is what pending and later calls give, unless the session had ended for another reason.
    void abort(error_code why);

private:
    class handle_state;
    friend class session_handle;

    static constexpr unsigned max_fills_per_turn = 4;

    void leave(bool resumed) override;
    event* poll_message();
    bool next_message();
    bool fill(std::size_t most);
    bool ends_instead_of_waiting();
    [[gnu::cold]] void end_undecoded(error_code why);
    void write_queued() {
        if (queued() != 0 && !writable_awaited_)
            write_out();
    }
    void write_out();
    void write_with(bytes_view rest);
    void queue_rest(bytes_view rest);
    void note_written(const result<std::size_t>& written);
    void on_writable();
    void end_receiving(error_code why) noexcept;
    void end_sending(error_code why) noexcept;
    result<void> enqueue(bytes_view message);
    result<void> queue_copy(bytes_view message);
    bool may_leave_in_place(bytes_view message);
    result<void> queue_in_place(bytes_view message);
    void spill_in_place();
    void end_of_turn() override;
    void on_deadline(ticks now) override;
    void on_shard_shutdown() override;
    void wake() noexcept;
    void wait_no_more() noexcept;
    bool over_soft_limit() const noexcept { return queued() > limits_->write_high_watermark; }
    std::size_t may_read() const noexcept;
    bool has_begun_message();
    bool turn_used_up() noexcept {
        return (messages_this_turn_ >= look_at_ || fills_this_turn_ >= max_fills_per_turn) && looks_used_up();
    }
    bool looks_used_up() noexcept;
    void begin_turn() noexcept {
        messages_this_turn_ = fills_this_turn_ = 0;
        look_at_ = 1;
        shard_.set_running(id_);
    }
    event& next_turn();
    void before_wait_until_sent();
    void before_wait_for_memory();
    void before_wait_for_bytes();
    boost::asio::awaitable<void> linger();

    shard_core& shard_;
    std::unique_ptr<stream> stream_;
    framing framing_;
    byte_buffer input_;
    byte_buffer output_;
    bytes_view in_place_; // replies that go out from `input_`, after `output_`; none while `writable_awaited_`
    std::shared_ptr<const limits> limits_;
    session_deadlines deadlines_;
    std::uint64_t id_;
    ticks began_;
    error_code end_;
    error_code send_error_;
    std::unique_ptr<const std::string> explanation_;
    bytes_view message_; // what next_message found
    std::shared_ptr<handle_state> link_;
    message_handler* serving_ = nullptr; // who gets the messages, while `serve` goes on
    std::exception_ptr thrown_;          // by whom
    event may_go_on_; // the send queue is shorter, or not sent any more; others had their turn; `serving_` changed
    std::chrono::nanoseconds turn_began_{};
    unsigned messages_this_turn_ = 0;
    unsigned fills_this_turn_ = 0;
    unsigned look_at_ = 1; // how many messages may come before the clock is looked at
    const bool framing_has_header_;
    bool send_failed_first_ = false;
    bool input_ended_ = false;
    bool closing_ = false;
    bool stopping_ = false;
    bool looked_after_stop_ = false;
    bool writable_awaited_ = false;
    bool waking_ = false;
    bool memory_awaited_ = false;
    bool skipping_ = false; // bytes of a message that is not delivered have been used up
};

/// Reaches a session from anywhere: may be copied, used from any thread, and outlives the session.
class session_handle {
public:
    /// Queues a copy of the message for the session, in the order of the calls of one thread.
    ///
    /// Errors: `errc::closed` when the session has ended, `errc::send_queue_full` when as much as its hard limit is on
    /// its way. What the session finds wrong later (a message its framing cannot carry) is logged.
    result<void> send(bytes_view message) const;

    /// As `session::close`.
    void close() const;

    /// Whether the session has ended.
    bool expired() const noexcept;

private:
    friend class session;
    explicit session_handle(std::shared_ptr<session::handle_state> link) noexcept : link_{std::move(link)} {}
    std::shared_ptr<session::handle_state> link_;
};

} // namespace fairlead
