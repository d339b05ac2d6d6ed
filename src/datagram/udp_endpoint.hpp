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

/// One UDP socket on its shard: batches in, through a sink, batches out.
///
///     recvmmsg ──▶ 64 datagrams ──▶ sink: handler or sessions ──send──▶ rules ──▶ 64 replies ──▶ sendmmsg
///
/// A bounded number of batches per turn, so that others of the shard are served in between. What the system reports is
/// counted, and the loop goes on until `close`. What is sent leaves when the batch that was received is dealt with, or
/// at the end of the turn.
///
/// Thread safety: the thread of its shard; the counters may be read on any. Lifetime: closed before its shard ends, and
/// destroyed after it, for sessions on the shard send through it to the last.
class udp_endpoint final : private readiness_handler, private end_of_turn_task {
public:
    /// `socket` is bound and does not block.
    udp_endpoint(shard_core& shard, std::shared_ptr<receive_batch> buffers, unique_descriptor socket,
                 std::shared_ptr<udp_outlet> outlet, const udp_options& how);
    ~udp_endpoint();

    /// Begins to receive. Errors: throws boost::system::system_error when the socket cannot be watched.
    ///
    /// Lifetime: `into` outlives the endpoint's shard.
    void start(datagram_sink& into);

    /// Queues a message and counts it against the limits of its peer; without a budget the program knows the peer, and there
    /// are none. Messages the system does not take later are dropped and counted.
    ///
    /// Errors: `errc::refused_by_limit`, `errc::message_too_large`; `errc::closed` after `close`.
    result<void> try_send(const datagram_path& to, bytes_view message, amplification_budget* budget);

    /// Counts a message that was given to `try_send` by no session.
    void count_message(std::size_t size) noexcept;

    /// Datagrams that have arrived when it stops.
    enum class remainder : std::uint8_t {
        handled,        ///< given to the sink, in as many turns as that takes
        left_to_others, ///< read by another process that has the socket as well
    };

    /// Takes in nothing new and calls `on_drained` later, when what has arrived is dealt with. Sending goes on.
    void stop(remainder arrived, std::function<void()> on_drained);

    int native_handle() const noexcept { return socket_.get(); }

    /// Drops what the system still holds, and gives the number.
    std::size_t cut_off() noexcept;

    /// Ends at once; nobody is called any more.
    void close() noexcept;

    shard_core& shard() noexcept { return shard_; }
    const std::shared_ptr<udp_outlet>& outlet() const noexcept { return outlet_; } ///< for other threads
    const endpoint& local() const noexcept { return local_; }
    const udp_options& options() const noexcept { return options_; }
    datagram_counters& counters() noexcept { return counters_; }
    const datagram_counters& counters() const noexcept { return counters_; }

    /// What `shard::running` says while the sink works.
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
    std::optional<source_rates::time_point> batch_at_; // while one is dealt with
    bool watched_ = false;
    bool continuing_later_ = false;
};

} // namespace fairlead
