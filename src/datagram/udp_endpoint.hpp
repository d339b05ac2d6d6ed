#pragma once

#include "core/retry_pause.hpp"
#include "core/unique_descriptor.hpp"
#include "datagram/datagram_counters.hpp"
#include "datagram/datagram_sink.hpp"
#include "datagram/own_addresses.hpp"
#include "datagram/receive_batch.hpp"
#include "datagram/reply_rules.hpp"
#include "datagram/send_batch.hpp"
#include "datagram/source_rates.hpp"
#include "runtime/handler_memory.hpp"
#include "runtime/poller.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/timer.hpp"

#include <fairlead/udp.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace fairlead {

class udp_outlet;

/// One UDP socket on its shard: receives batches, passes them to a sink, and sends batches.
///
///     recvmmsg ──▶ 64 datagrams ──▶ sink: handler or sessions ──send──▶ rules ──▶ 64 replies ──▶ sendmmsg
///
/// A bounded number of batches is received in each turn, so that other sessions of the shard are served in between.
/// Errors of the system are counted, and receiving continues until `close`. Messages are sent once the received
/// batch has been handled, or at the end of the turn.
///
/// Thread safety: the thread of its shard; any thread may read the counters. Lifetime: close it before its shard ends,
/// and destroy it after that, because sessions on the shard send through it until they end.
class udp_endpoint final : private readiness_handler, private end_of_turn_task {
public:
    /// `socket` is bound and non-blocking.
    udp_endpoint(shard_core& shard, std::shared_ptr<receive_batch> buffers, unique_descriptor socket,
                 std::shared_ptr<udp_outlet> outlet, const udp_options& how);
    ~udp_endpoint();

    /// Begins to receive. Errors: throws boost::system::system_error when the socket cannot be watched.
    ///
    /// Lifetime: `into` outlives the endpoint's shard.
    void start(datagram_sink& into);

    /// Queues a message and counts it against the limits of its peer. A null budget stands for a peer that
    /// the program knows; then only port 0 and this socket itself are refused. Messages that the system
    /// does not accept later are dropped and counted.
    ///
    /// Errors: `errc::refused_by_limit`, `errc::message_too_large`; `errc::closed` after `close`.
    result<void> try_send(const datagram_path& to, bytes_view message, amplification_budget* budget);

    /// Counts a message that was passed to `try_send` outside of a session.
    void count_message(std::size_t size) noexcept;

    /// Treatment of datagrams that have arrived before `stop`.
    enum class remainder : std::uint8_t {
        handled,        ///< passed to the sink, in as many turns as needed
        left_to_others, ///< left for another process that has the socket too
    };

    /// Receives nothing new. Calls `on_drained` in a later turn, after the `arrived` datagrams. Sending continues.
    void stop(remainder arrived, std::function<void()> on_drained);

    int native_handle() const noexcept { return socket_.get(); }

    /// Drops the datagrams that the system still holds, and returns their number.
    std::size_t cut_off() noexcept;

    /// Ends at once; no callback is called after that.
    void close() noexcept;

    shard_core& shard() noexcept { return shard_; }
    const std::shared_ptr<udp_outlet>& outlet() const noexcept { return outlet_; } ///< for other threads
    const endpoint& local() const noexcept { return local_; }
    const udp_options& options() const noexcept { return options_; }
    datagram_counters& counters() noexcept { return counters_; }
    const datagram_counters& counters() const noexcept { return counters_; }

    /// Returns the id that `shard_core::running` reports while the sink works.
    std::uint64_t id() const noexcept { return id_; }

private:
    void on_readable(bool hangup) override;
    void on_writable() override {}
    void end_of_turn() override;

    void receive_some();
    source_rates::time_point deal_with(std::size_t count);
    void deliver(const receive_batch::arrival& arrived);
    void note_system_drops(std::uint32_t total) noexcept;
    bool goes_on_after(const error_code& why);
    error_code refuses(const datagram_path& to, std::size_t size, amplification_budget* budget);
    bool is_loop(const datagram_path& to);
    source_rates::time_point now() const noexcept;
    void continue_later();
    void pause();
    void send_queued() noexcept;
    void drained();
    void stop_receiving() noexcept;

    shard_core& shard_;
    std::shared_ptr<receive_batch> buffers_;
    unique_descriptor socket_;
    std::shared_ptr<udp_outlet> outlet_;
    endpoint local_;
    udp_options options_;
    datagram_sink* sink_ = nullptr;
    send_batch output_;
    source_rates rates_;
    own_addresses own_;
    datagram_counters& counters_; // of the outlet, which outlives the socket
    std::uint64_t id_;
    std::uint32_t system_drops_ = 0;
    unsigned failures_in_a_row_ = 0;
    retry_pause backoff_;
    std::function<void()> on_drained_;
    handler_memory continuing_;
    std::optional<timer> timer_;
    std::optional<source_rates::time_point> batch_at_; // set while a batch is handled
    bool watched_ = false;
    bool continuing_later_ = false;
};

} // namespace fairlead
