#pragma once

#include "core/token_bucket.hpp"
#include "runtime/timer.hpp"
#include "server/acceptor.hpp"
#include "server/admission.hpp"
#include "server/listener.hpp"
#include "server/placement.hpp"
#include "server/proxy_arrivals.hpp"
#include "server/session_group.hpp"

#include <fairlead/server.hpp>
#include <fairlead/url.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace fairlead {

/// A listener for TCP or a Unix socket: acceptors on the first shard, which hand connections to `placement`.
/// Connections of proxies go there when their header is whole.
class stream_listener final : public listener {
public:
    /// The time for handshakes that had begun when the listener closed: enough for nearby peers, and for
    /// local ones on a busy machine.
    static constexpr std::chrono::milliseconds handshake_time{20};

    /// Lifetime: `first`, `admitted` and `placed` outlive it.
    stream_listener(shard_core& first, admission& admitted, placement& placed, std::vector<listen_socket> opened,
                    const session_rules& rules, const server_options& options, const proxy_server_options& proxy,
                    std::string url);

    /// Applies other rules to connections that are accepted from now on. `at` names the same sockets. Without
    /// bounds in `next`, the present ones stay.
    void change(session_rules next, const url& at);

    void set_limits(const limits& bounds) override;
    std::shared_ptr<const limits> bounds() const override;
    std::shared_ptr<tls_rules> tls() const override;
    std::vector<std::string> urls(const endpoint& at) const override;
    listener_statistics statistics() const override;
    bool expects_proxies() const noexcept override { return proxied_.has_value(); }
    bool has_ended() const noexcept override { return closed_ && counted_->active() == 0; }

    void start(std::size_t shard) override;
    void leave(std::size_t shard) override;
    void lend(std::size_t shard, std::vector<lent_socket>& to) const override;
    void hand_on(std::size_t shard) noexcept override;
    void set_proxies(const proxy_server_options& proxies) override { proxied_->use(proxies); }
    void resume() override;
    void apply_limits() override;
    void refuse_newcomers() noexcept override;
    void stop(std::chrono::steady_clock::time_point handshakes_end) noexcept override;
    void close() noexcept override;
    void release_handlers() noexcept override;

private:
    std::shared_ptr<const session_rules> rules() const; // null once the handlers are released
    void take(arrival accepted);
    void stop_accepting(std::chrono::steady_clock::time_point handshakes_end) noexcept;

    shard_core& first_;
    admission& admission_;
    placement& placement_;
    const std::unique_ptr<admission::listener> counted_;
    const acceptor::rules accepting_;
    std::optional<proxy_arrivals> proxied_; // none: connections begin without a header
    std::optional<timer> closing_;          // on the first shard, while handshakes end
    std::atomic<bool> closed_{false};

    mutable std::mutex mutex_; // guards the members below; acceptors change only on the first shard
    std::shared_ptr<const session_rules> rules_;
    std::vector<listen_socket> pending_;
    std::vector<std::unique_ptr<acceptor>> acceptors_;
};

} // namespace fairlead
