#pragma once

#include "channel/channel.hpp"
#include "core/memory_share.hpp"
#include "runtime/shard_core.hpp"
#include "session/message_parts.hpp"
#include "session/session_counts.hpp"
#include "session/session_deadlines.hpp"
#include "session/session_watcher.hpp"
#include "session/turn_budget.hpp"

#include "runtime/deadline.hpp"
#include <fairlead/framing/framing.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/session.hpp>
#include <fairlead/transport/event.hpp>
#include <fairlead/transport/stream.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace fairlead {

class session_target;

/// The session of this library. It adds to a channel the parts that do not depend on the channel: turns,
/// deadlines, water marks, drain, statistics and the handle.
///
///     channel ──receive──▶ message handler, or receive()          poll() decides what is done next:
///     channel ◀──send───── send()                                 write · decode · read · wait
///
/// Thread safety: the thread of its shard. Lifetime: owned by a shared_ptr; its shard outlives it.
class session_impl : public session,
                     public std::enable_shared_from_this<session_impl>,
                     private shutdown_hook,
                     private end_of_turn_task,
                     private event::waiter,
                     private deadline {
public:
    boost::asio::awaitable<result<bytes_view>> receive() override;
    boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit) override;
    boost::asio::awaitable<error_code> ended() override;
    std::optional<bytes_view> try_receive() override;
    boost::asio::awaitable<result<message_part>> receive_part() override;
    std::optional<message_part> try_receive_part() override;
    boost::asio::awaitable<result<void>> begin_message(std::optional<std::uint64_t> size) override;
    boost::asio::awaitable<result<void>> send_part(bytes_view part) override;
    result<void> end_message() override;
    result<void> send(bytes_view message) override;
    std::span<unsigned char> writable(bytes_view message) override { return channel_->writable(message); }
    boost::asio::awaitable<result<void>> flush() override { return wait_until_sent(true); }
    boost::asio::awaitable<result<void>> shutdown() override;
    boost::asio::awaitable<void> close_gracefully() override;
    void close() override;
    void abort(error_code why) override;
    void reset(error_code why) override;
    bool stopping() const noexcept override;
    fairlead::limits limits() const override { return *limits_; }
    void set_limits(const fairlead::limits& bounds) override;
    fairlead::close_reason close_reason() const override;
    bool is_reusable() override;
    endpoint remote() const override { return channel_->remote(); }
    endpoint local() const override { return channel_->local(); }
    std::uint64_t id() const noexcept override { return id_; }
    fairlead::shard& shard() noexcept override { return facade_of(shard_); }
    int native_handle() const noexcept override { return channel_->native_handle(); }
    std::optional<tls_info> tls() const override { return channel_->tls(); }
    std::optional<proxy_info> proxy() const override { return channel_->proxy(); }
    std::optional<websocket_info> websocket() const override { return channel_->websocket(); }
    endpoint transport_remote() const override { return channel_->transport_remote(); }
    peer_handle handle() override;

    /// Calls `handle` for each message from now on, without a coroutine.
    ///
    ///     for (peer.serve(handle); !peer.served();)
    ///         co_await peer.changed().wait();
    ///
    /// Lifetime: `handle` outlives the serving.
    void serve(message_handler& handle);

    /// Ends the calls of `handle`. No effect if nothing is served.
    void stop_serving() noexcept;

    /// True once there are no more messages. Errors: throws the exception of the handler, once.
    bool served();

    /// While true, other work runs beside the coroutine that receives, and neither the idle timeout nor the
    /// handler timeout applies (`session_deadlines`).
    void excuse(bool excused) noexcept { deadlines_.excuse(excused, shard_.now()); }

    /// `limits::first_message_timeout` does not apply from now on.
    void expect_no_message() noexcept { deadlines_.expects_no_message(); }

    /// Notified when `served` or `is_ending` changes, and in other cases.
    event& changed() noexcept { return may_go_on_; }

    /// The handler waits for something in this program and does not read its peer. Meanwhile only
    /// `limits::write_timeout` applies. Each call needs one call of `go_on`.
    void hold_back() noexcept;
    void go_on() noexcept;

    /// As above, for callers other than the handler of this session.
    void begin_hold() noexcept;
    void end_hold() noexcept;

    bool receives_in_parts() const noexcept { ///< a part of a message was received, and its last part was not
        return parts_ && parts_->incoming.now == incoming_message::state::begun;
    }
    bool divides_messages() const noexcept { return channel_->divides_messages(); }
    bool needs_size() const { return channel_->needs_size(); } ///< before a message that is sent in parts
    bool sends_in_parts() const noexcept { return parts_ && parts_->outgoing; } ///< a message has begun, and not ended

    /// True once `receive` returns nothing but the reason of the end.
    bool has_received_all() const noexcept { return receiving_ == receive_state::ended; }

    /// True once `receive` returns only messages that have arrived already.
    bool is_ending() const noexcept { return receiving_ != receive_state::open; }

    /// Does the part of `close_gracefully` that does not wait. Returns true if nothing else remains.
    bool close_without_waiting();

    /// Tells the peer, if its protocol can, why the handler ended without a return. `close_gracefully` follows.
    void handler_failed(websocket_close why) { end_output(why); }

    /// Makes `receive` return the messages that have arrived and then `errc::stopping`.
    void drain();

    /// Queues a message regardless of `limits::max_write_buffer`; for handles, which have reserved the room.
    result<void> enqueue(bytes_view message);

    /// Notifies `watcher` from now on, until it is unlinked. Errors: `errc::closed`.
    result<void> add(session_watcher& watcher) noexcept;
    const intrusive_list<session_watcher>& watchers() const noexcept { return watchers_; }

    // Messages that several sessions share; see `channel`.
    std::string encoding() { return channel_->encoding(); }
    result<void> encode(bytes_view message, byte_buffer& to) { return channel_->encode(message, to); }
    result<void> send_encoded(bytes_view bytes, std::uint64_t messages);

    /// True while the transport takes no bytes, or a message is sent in parts. Watchers are notified when this ends.
    bool blocked() const noexcept { return blocked_ || sending_ == send_state::inside_message; }

    /// Returns the time for which the transport has taken none of the queued bytes; 0 if it takes them.
    ticks stalled() const noexcept { return deadlines_.write_stalled(shard_.now()); }

    /// Charges the memory of its buffers to its address too, from now on; null: to no address. Lifetime:
    /// `share` outlives that.
    void charge_to(buffer_budget* share) noexcept { share_.charge_to(share, id_); }

    // For pools, while nothing is received:
    event& input_arrived() noexcept { return channel_->readable(); }

    /// Reads the bytes that have arrived, announced or not. Returns true if they contain nothing for the
    /// user, such as a TLS record without data, or a ping.
    bool stays_quiet();

    // For reports:
    session_phase phase() const noexcept { return deadlines_.phase(); }
    bool inside_message() const noexcept { return deadlines_.inside_message(); }
    ticks began() const noexcept { return ticks{began_}; } ///< on the clock of its shard
    std::size_t queued() const noexcept { return channel_->queued() + waiting_bytes(); }
    session_counts counts() const noexcept {
        session_counts all = counts_;
        all.messages_out += uncounted_;
        return all;
    }

protected:
    /// Lifetime: `messages` outlives the session.
    session_impl(shard_core& shard, channel& messages, std::shared_ptr<const fairlead::limits> bounds);
    ~session_impl() override;

    /// Continues with another channel over the same transport, after all queued bytes were written; its peer
    /// answers pings. Lifetime: as above.
    void use(channel& messages) noexcept;

private:
    class delivery;
    class one_message;
    class one_part;
    class time_limit;
    class bookmark;
    class unread;

    //  open ──drain()──▶ draining ──last read──▶ drained ──nothing more decoded──┐
    //    └───────┴────────────┴── end of the peer · error · deadline · close() ──┴──▶ ended
    enum class receive_state : std::uint8_t { open, draining, drained, ended };

    //  open ◀──begin_message(), end_message()──▶ inside_message
    //    └────────┬───────────────────────────────────────┘
    //             ├──close(), shutdown()──▶ closing ──error · abort()──▶ failed
    //             └────────error · abort()───────────────────────────────▲
    enum class send_state : std::uint8_t { open, inside_message, closing, failed };

    enum class first_end : std::uint8_t {
        none,
        receiving,
        sending
    }; ///< which side ended first for a reason of its own

    /// The condition that the session waits for after `poll` has returned an event.
    enum class wait : std::uint8_t { nothing, turn, writable, memory, bytes };

    /// The state of the buffered input. `decoded`: no message is left before more bytes come; `unknown`:
    /// ask the channel.
    enum class input : std::uint8_t { unknown, decoded };

    /// Notes that `drain` was called, even if the session had ended before.
    enum class stop_request : std::uint8_t { none, made };

    /// The code that queues messages. Only messages queued outside of `serve` need a task to be written.
    enum class caller : std::uint8_t { other, serving };

    // Statistics, of the shard and of the session
    void count_messages_in(std::size_t size, std::uint64_t messages = 1) noexcept {
        shard_counters& counted = shard_.counters();
        counted.messages_in.add(messages);
        counted.message_sizes.add(size, messages);
        counts_.messages_in += messages;
    }
    void count_messages_out(std::uint64_t messages) noexcept {
        shard_.counters().messages_out.add(messages);
        counts_.messages_out += messages;
    }
    void count_bytes_in(std::size_t bytes) noexcept {
        shard_.counters().bytes_in.add(bytes);
        counts_.bytes_in += bytes;
    }
    void count_bytes_out(std::size_t bytes) noexcept {
        shard_.counters().bytes_out.add(bytes);
        counts_.bytes_out += bytes;
    }

    // Receiving
    template <class One>
    boost::asio::awaitable<result<typename One::value>> receive_within(const time_limit* limit);
    template <class One>
    std::optional<typename One::value> try_receive_next();
    void expect_whole_messages() const;
    event* poll(message_sink& to);
    bool may_decode() const noexcept { return receiving_ != receive_state::ended && input_ != input::decoded; }
    bool decode(message_sink& to);
    bool fill(std::size_t most);
    event& wait_for(wait reason);
    void notify_in_next_turn();
    void park_input() noexcept;
    event& wait_for_bytes();
    std::size_t may_read(std::size_t held);
    bool may_finish_message(std::size_t held);
    void note_finishing(const buffer_budget& within);
    void charge() noexcept {
        if (share_.is_charged())
            share_.charge(channel_->held() + gathered_bytes());
    }
    void lend_again(std::size_t input) noexcept { share_.lend_again(input, shard_.blocks().budget()); }
    void arm_deadline() noexcept;
    void finish_with_memory() noexcept { share_.finished(id_, shard_.blocks().budget()); }
    bool turn_used_up() { return budget_.must_look() && turn_is_over(); }
    bool turn_is_over();
    [[gnu::noinline]] bool may_take_more();
    void begin_turn() noexcept;
    void stop_waiting() noexcept;
    [[gnu::cold]] void end_undecoded(error_code why);
    void end_decoded();
    void enter(receive_state next, error_code why = {}) noexcept;
    error_code why_ended() const noexcept { // why `receive` returns no more messages
        return end_category_ ? error_code{end_value_, *end_category_} : error_code{};
    }

    // Sending
    [[gnu::noinline]] result<void> send_otherwise(bytes_view message);
    [[gnu::noinline]] result<void> send_or_refuse(bytes_view message);
    template <class Send>
    result<void> queue(std::uint64_t messages, Send send);
    template <class Encode>
    result<void> wait_behind(std::uint64_t messages, Encode encode);
    boost::asio::awaitable<result<void>> wait_until_sent(bool cancellable);
    bool can_send() const noexcept { return sending_ <= send_state::inside_message; }
    message_parts& parts();
    outgoing_message& outgoing(const char* caller);
    std::size_t waiting_bytes() const noexcept;
    std::size_t gathered_bytes() const noexcept {
        return parts_ && parts_->outgoing ? parts_->outgoing->bytes.capacity() : 0;
    }
    template <class Send>
    result<void> queue_whole(std::uint64_t messages, Send send);
    result<void> begin(std::optional<std::uint64_t> size);
    result<void> begin_to_gather(std::optional<std::uint64_t> size);
    result<void> send_waiting(const outgoing_message& done);
    outgoing_message leave_message() noexcept;
    result<void> queue_part(bytes_view part);
    bool over_high_watermark() const noexcept { return queued_ > limits_->write_high_watermark; }
    void write_queued() {
        if (queued_ != 0 && !blocked_)
            write();
    }
    [[gnu::noinline]] void write();
    void note_queued();
    void note_own_output() { // bytes that the protocol itself has queued are sent like all others
        if (channel_->takes_own_output()) {
            queued_ = channel_->queued();
            note_queued();
        }
    }
    void end_output(error_code why);
    void note_progress(const output_progress& now);
    void note_failure();
    void await_writable();
    void on_writable();
    void let_watchers_catch_up();
    error_code why_not_sending() const;
    void enter(send_state next, error_code why = {}) noexcept;

    void ping();

    // The end
    bool lingers() const noexcept;
    void close_channel();
    boost::asio::awaitable<void> linger(bool cancellable);
    boost::asio::awaitable<void> wait_until_announced(bool cancellable);
    void wait_no_more() noexcept;
    void end_watchers() noexcept;
    void wake() noexcept;
    void leave(bool resumed) override;
    void end_of_turn() override;
    void on_deadline(ticks now) override;
    void on_shard_shutdown() override;

    shard_core& shard_;
    channel* channel_;
    std::shared_ptr<const fairlead::limits> limits_;
    session_deadlines deadlines_;
    const std::uint64_t id_;
    std::size_t queued_ = 0; // as the channel last reported
    memory_share share_;
    session_counts counts_;
    std::unique_ptr<const std::string> explanation_;
    std::unique_ptr<message_parts> parts_; // null until the first one
    std::shared_ptr<session_target> handle_;
    intrusive_list<session_watcher> watchers_;
    message_handler* serving_ = nullptr; // gets the messages while `serve` is active
    std::exception_ptr thrown_;          // by `serving_`
    event may_go_on_;                    // the queue is shorter, or failed; a turn may begin; `serving_` changed
    const boost::system::error_category* end_category_ = nullptr; // an error_code takes half as much again
    int end_value_ = 0;
    std::uint32_t uncounted_ = 0;   // messages queued in place and not yet in the statistics
    std::size_t in_place_most_ = 0; // see `send`
    turn_budget budget_;
    receive_state receiving_ = receive_state::open;
    send_state sending_ = send_state::open;
    first_end first_end_ = first_end::none;
    wait waiting_ = wait::nothing;
    input input_ = input::unknown;
    caller caller_ = caller::other;
    stop_request stop_ = stop_request::none;
    bool blocked_ = false;       // waits for the channel to be writable
    bool waking_ = false;        // the end of the turn resumes waiting coroutines
    std::uint8_t held_back_ = 0; // coroutines that wait without reading
    const std::uint32_t began_;  // in ticks of the shard's clock; they last for six years
};

/// Returns the session behind a public reference, which is a session of this library. User-defined sessions
/// get only to handlers, which use the public class.
inline session_impl& impl_of(session& peer) noexcept {
    return static_cast<session_impl&>(peer);
}

std::shared_ptr<session_impl> make_session(shard_core& shard, std::unique_ptr<stream> transport, framing messages,
                                           std::shared_ptr<const limits> bounds);
std::shared_ptr<session_impl> make_session(shard_core& shard, std::unique_ptr<channel> messages,
                                           std::shared_ptr<const limits> bounds);

} // namespace fairlead
