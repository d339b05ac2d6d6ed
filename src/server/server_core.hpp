#pragma once

#include "admin/admin_endpoint.hpp"
#include "admin/admin_subject.hpp"
#include "metrics/histogram_snapshot.hpp"
#include "runtime/timer.hpp"
#include "server/admission.hpp"
#include "server/drain_notice.hpp"
#include "server/graceful_shutdown.hpp"
#include "server/inherited_sockets.hpp"
#include "server/listeners.hpp"
#include "server/placement.hpp"
#include "server/reload_job.hpp"
#include "server/server_host.hpp"
#include "server/server_monitor.hpp"
#include "server/service_notifier.hpp"
#include "server/shard_service.hpp"

#include <fairlead/server.hpp>
#include <fairlead/transport/event.hpp>
#include <fairlead/url.hpp>

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead {

class event_descriptor;
class succession;
struct lent_listener;

/// Connects the parts of a server. Accepting and stopping happen on the first shard, which reaches the other
/// shards by posting.
///
///     listeners ──accepted──▶ placement ──▶ session_group of one shard        signals, late shards ◀── server_monitor
///         ▲                       ▲                 │
///         └── room again ──── admission ◀── ended ──┘          graceful_shutdown: stop, drain, cut off
///
/// Lifetime: owned by `server`, by its sessions and by posted work. When `server` is destroyed, the remaining sessions
/// and posts are cut off, and the last one to end destroys this. With a runtime of its own, all of them end in `close`.
class server_core : public std::enable_shared_from_this<server_core> {
public:
    ~server_core();
    static std::shared_ptr<server_core> make(server_options options, server_host host);

    endpoint listen(std::string_view url, framing messages, handler serve, const listen_options& how);
    endpoint listen(std::string_view url, handler serve, const udp_options& how, const limits& bounds);
    void adopt(std::string_view url, passed_socket&& socket);
    bool take_over(std::string_view from);
    void hand_over(std::string_view at);
    endpoint change(const endpoint& at, std::string_view url, framing messages, handler serve,
                    const listen_options& how);
    bool unlisten(const endpoint& at);
    std::optional<limits> limits_of(const endpoint& at) const;
    bool set_limits(const endpoint& at, const limits& bounds);
    bool set_proxies(const endpoint& at, const proxy_server_options& proxies);
    void reload_certificates();
    bool reload_certificates(const endpoint& at);
    std::vector<std::string> urls(const endpoint& at) const;
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

    endpoint admin(std::string_view url, const admin_options& options);

    /// Calls `server_options::on_reload`, logs the outcome and returns its summary. Blocks; one call at a time.
    ///
    /// Errors: throws std::logic_error if `on_reload` is empty, std::runtime_error while the server stops or
    /// hands its sockets over, and the exceptions of `on_reload`.
    std::string reload_configuration();

    /// Cuts off the remaining work and releases the shards, because `server` is destroyed.
    void close() noexcept;

private:
    /// `failed`: the predecessor continues, so this one stops. `handed_over`: the successor serves.
    enum class succession_end : std::uint8_t { none, failed, handed_over };

    class part_on_shard;
    class reload_notice;
    class end_of_shard;
    class subject;

    using admin_endpoints = std::vector<std::unique_ptr<admin_endpoint>>;

    server_core(server_options options, server_host host);
    shard_core& first() noexcept { return *host_.shards.front(); }

    bool is_started();

    // --- listeners: from any thread
    void check_changeable();
    [[noreturn]] static void refuse_after_stop();
    void refuse_while_lent() const;
    void refuse_if_unchangeable() const; // `life_mutex_` is held
    bool remove(const endpoint& at);     // `life_mutex_` is held
    session_rules rules_for(const url& at, framing messages, handler serve, const listen_options& how);
    endpoint add(std::shared_ptr<listener> opened);
    void start_late(listener& opened, std::size_t shard) noexcept;
    void forget_ended() noexcept; // on the first shard

    // --- starting: on the thread of the shard, or before it runs
    void start_on(std::size_t shard);
    void start_or_stop(std::size_t shard) noexcept;
    void announce();
    void note_started();
    void on_serving();
    void tell_alive() const;

    // --- other processes: before it runs, then on the thread of `succession_`, except `stop_when_settled`
    succession& successors();
    std::vector<std::shared_ptr<listener>> begin_to_lend(std::chrono::steady_clock::time_point deadline,
                                                         const event_descriptor& stop);
    std::vector<lent_listener> lend(const event_descriptor& stop);
    void lend_admin(std::chrono::steady_clock::time_point deadline, const event_descriptor& stop,
                    std::vector<lent_listener>& to);
    void leave_to_successor(const event_descriptor& stop);
    void stop_when_settled();
    void notify_ready();

    void enter(server_phase next) noexcept; // from any thread

    // --- the admin endpoint: from any thread
    std::vector<shard_view> view_shards() const;
    std::shared_ptr<session_survey> survey(session_query query);
    std::shared_ptr<session_closing> close_session(std::uint64_t id);
    void stop_admin() noexcept; // returns at once
    void end_admin() noexcept;

    // --- reloading
    std::function<void()> action_on_hangup(); // empty: SIGHUP stops the server
    void reload_and_go_on();                  // on a thread for blocking work

    // --- stopping: on the first shard
    void announce_stop();
    void begin_stop();
    void cut_off();
    void stop_on_signal();
    void on_over();
    void conclude() noexcept;
    drain_result result() const;
    static boost::asio::awaitable<drain_result> wait_until_over(std::shared_ptr<server_core> self);

    limits::duration drain_limit() const noexcept;

    // --- closing: on the thread of the shard
    void end_handlers() noexcept; // or for all shards, once they have ended
    void close_on(std::size_t shard) noexcept;
    void leave(std::size_t shard) noexcept; // or while the shard does not run

    void resume_accepting();

    const server_options options_;
    fairlead::metrics metrics_;                        // of the program
    std::shared_ptr<buffer_budget> budget_;            // null: no limit
    const std::unique_ptr<service_notifier> notifier_; // null: no service manager
    admission admission_;
    shard_services services_; // outlive the coroutines that the runtime destroys
    placement placement_;
    const std::shared_ptr<joint_sockets> joint_;
    inherited_sockets inherited_;
    listeners listeners_;
    drain_notice notice_;
    graceful_shutdown shutdown_;
    std::mutex reload_mutex_; // one at a time
    reload_job reload_job_{[this] { reload_and_go_on(); }};
    server_host host_;
    handler_memory last_;   // for the last post, when the server is destroyed
    std::mutex life_mutex_; // for these two; held while a change is posted, so that the shards see changes in order
    bool started_ = false;
    bool stop_asked_ = false;
    std::atomic<succession_end> succession_end_{succession_end::none};
    std::atomic<std::size_t> shards_started_{0};
    const std::chrono::steady_clock::time_point made_ = std::chrono::steady_clock::now();
    std::atomic<server_phase> phase_{server_phase::starting};
    std::uint64_t to_finish_ = 0;
    std::optional<timer> settling_;            // on the first shard, once another process accepts
    std::optional<timer> forgetting_;          // on the first shard, while listeners that were removed have sessions
    std::optional<drain_result> result_;       // on the first shard
    std::optional<event> over_{std::in_place}; // none once the server is gone
    server_monitor monitor_;
    std::unique_ptr<succession> succession_; // null: none was arranged
    std::mutex admin_mutex_;
    std::optional<admin_endpoints> admin_{std::in_place}; // none once the server is over
};

} // namespace fairlead
