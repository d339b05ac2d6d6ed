#pragma once

#include "metrics/histogram_snapshot.hpp"
#include "server/admission.hpp"
#include "server/graceful_shutdown.hpp"
#include "server/listeners.hpp"
#include "server/placement.hpp"
#include "server/server_host.hpp"
#include "server/server_monitor.hpp"
#include "server/shard_service.hpp"

#include <fairlead/server.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead {

/// The parts of a server, and what connects them. Accepting and the stop happen on the first shard; the other shards are
/// reached by posting to them.
///
///     listeners ──accepted──▶ placement ──▶ session_group of one shard          signals, late shards ◀── server_monitor
///         ▲                       ▲                 │
///         └── room again ──── admission ◀── ended ──┘          graceful_shutdown: stop, drain, cut off
///
/// Lifetime: `server` owns it, and so do its sessions and what it has posted; what is left of them when the server goes is
/// cut off, and the last that ends destroys this. With a runtime of its own all of them end in `close`.
class server_core : public std::enable_shared_from_this<server_core> {
public:
    static std::shared_ptr<server_core> make(server_options options, server_host host);

    endpoint listen(std::string_view url, framing messages, handler serve, const listen_options& how);
    endpoint listen(std::string_view url, handler serve, const udp_options& how, const limits& bounds);
    bool unlisten(const endpoint& at);
    bool set_limits(const endpoint& at, const limits& bounds);
    void reload_certificates();
    bool reload_certificates(const endpoint& at);
    udp_sender sender(const endpoint& at) const;
    const limits& default_limits() const noexcept { return options_.limits; }

    int run();
    void start();
    void stop();
    boost::asio::awaitable<drain_result> drained();
    shard_range shards() const noexcept { return shard_range{host_.facades}; }
    fairlead::statistics statistics() const;
    fairlead::metrics& metrics() noexcept { return metrics_; }
    std::string metrics_text(metrics_format format) const;
    std::vector<histogram_snapshot> histograms() const;

    /// Cuts off what is left and lets go of the shards, for `server` is gone.
    void close() noexcept;

private:
    class part_on_shard;
    class end_of_shard;

    server_core(server_options options, server_host host);
    shard_core& first() noexcept { return *host_.shards.front(); }

    bool is_started();

    // --- listeners: from any thread
    void check_not_stopped();
    [[noreturn]] static void refuse_after_stop();
    endpoint add(std::shared_ptr<listener> opened);
    void start_late(listener& opened, std::size_t shard) noexcept;

    // --- starting: on the thread of the shard, or before it runs
    void start_on(std::size_t shard);
    void start_or_stop(std::size_t shard) noexcept;
    void announce();

    // --- stopping: on the first shard
    void begin_stop();
    void cut_off();
    void stop_on_signal();
    void on_over();
    void conclude() noexcept;
    drain_result result() const;
    static boost::asio::awaitable<drain_result> wait_until_over(std::shared_ptr<server_core> self);

    limits::duration drain_limit() const noexcept;

    // --- closing: on the thread of the shard
    void end_handlers() noexcept; // or of all shards, which do not run any more
    void close_on(std::size_t shard) noexcept;
    void leave(std::size_t shard) noexcept; // or when it does not run

    void resume_accepting();

    const server_options options_;
    fairlead::metrics metrics_;             // of the program
    std::shared_ptr<buffer_budget> budget_; // null: no limit
    admission admission_;
    shard_services services_; // outlive the coroutines that the runtime destroys
    placement placement_;
    listeners listeners_;
    graceful_shutdown shutdown_;
    server_host host_;
    handler_memory last_;   // for what is posted when the server goes
    std::mutex life_mutex_; // for these two; held while a change is posted, so that the shards see changes in order
    bool started_ = false;
    bool stop_asked_ = false;
    std::uint64_t to_finish_ = 0;
    std::optional<drain_result> result_;       // on the first shard
    std::optional<event> over_{std::in_place}; // none once the server is gone
    server_monitor monitor_;
};

} // namespace fairlead
