#pragma once

#include "datagram/udp_outlet.hpp"
#include "server/listen_socket.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/statistics.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace fairlead {

class tls_rules;

/// One listener of a server: the sockets that one call of `listen` opened.
///
///     opened ──start──▶ serves newcomers ──leave──▶ hands on those that wait ──▶ closed, sessions continue ──▶ ended
///        └──close──────────────┴────────────close───────────┴─────────────────────▲
///
/// Thread safety: `start` and `leave` on the thread of the shard that they name, or on any thread before the
/// shards run; the rest as marked. Lifetime: destroyed once it has ended, or after the shards.
class listener {
public:
    listener(std::string name, std::vector<endpoint> addresses)
        : name_{std::move(name)}, addresses_{std::move(addresses)} {}
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    virtual ~listener() = default;

    // --- any thread

    /// The name of its sockets (`socket_name`).
    std::string name() const {
        const std::lock_guard lock{name_mutex_};
        return name_;
    }
    std::vector<endpoint> addresses() const {
        const std::lock_guard lock{name_mutex_};
        return addresses_;
    }
    bool is_at(const endpoint& address) const {
        const std::lock_guard lock{name_mutex_};
        return std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
    }

    /// Returns the URLs at which peers reach one of its addresses: one, or one for each WebSocket path.
    virtual std::vector<std::string> urls(const endpoint& at) const { return {at.to_string()}; }

    /// Sets the limits of further sessions, which the caller has validated.
    virtual void set_limits(const limits& bounds) = 0;

    /// The limits of further sessions; null once the handlers are released.
    virtual std::shared_ptr<const limits> bounds() const = 0;

    limits::duration drain_timeout() const {
        const auto present = bounds();
        return present ? present->drain_timeout : limits::duration{0};
    }
    virtual listener_statistics statistics() const = 0;

    /// The UDP sockets at an address; null if there are none.
    virtual std::shared_ptr<const udp_outlets> outlets(const endpoint&) const { return {}; }

    /// Its certificates; null if it is plain text.
    virtual std::shared_ptr<tls_rules> tls() const { return {}; }

    /// True if each connection, or datagram, begins with a PROXY header.
    virtual bool expects_proxies() const noexcept { return false; }

    /// Removes it from the listeners that the program can name; `leave` or `close` follows.
    void take_off() noexcept { listed_ = false; }
    bool listed() const noexcept { return listed_; }

    /// True if it is closed and its sessions have ended.
    virtual bool has_ended() const noexcept = 0;

    // --- on each shard

    /// Serves new peers on this shard; no effect a second time. Errors: throws boost::system::system_error if
    /// a socket cannot be watched.
    virtual void start(std::size_t shard) = 0;

    /// Refuses new peers, serves those that wait in the system, and closes.
    virtual void leave(std::size_t shard) = 0;

    /// Adds copies of the sockets that are served on this shard. Errors: throws boost::system::system_error
    /// if there are no more descriptors.
    virtual void lend(std::size_t shard, std::vector<lent_socket>& to) const = 0;

    /// Closes the accepting sockets, because another process has them too; that process serves the peers that
    /// wait in the system.
    virtual void hand_on(std::size_t shard) noexcept = 0;

    // --- on the first shard

    virtual void set_proxies(const proxy_server_options&) {}

    virtual void resume() {}                    ///< accepts connections that were held back
    virtual void apply_limits() {}              ///< applies limits that were set before
    virtual void refuse_newcomers() noexcept {} ///< refuses new peers; `stop` follows
    virtual void close() noexcept = 0;          ///< closes accepting sockets, and those never started, at once

    virtual void release_handlers() noexcept = 0; ///< after `close`: destroys the handler of the program

    /// Accepts and hands on the connections that wait, then closes the accepting sockets. No effect on UDP sockets.
    virtual void stop(std::chrono::steady_clock::time_point /*handshakes_end*/) noexcept {}

    /// Returns true the first time.
    bool announce_once() noexcept { return !std::exchange(announced_, true); }

protected:
    /// Renames the same sockets and changes their protocols.
    void rename(std::string name, bool tls, bool websocket) {
        const std::lock_guard lock{name_mutex_};
        name_ = std::move(name);
        for (endpoint& each : addresses_) {
            each.set_tls(tls);
            each.set_websocket(websocket);
        }
    }

private:
    mutable std::mutex name_mutex_; // for these two
    std::string name_;
    std::vector<endpoint> addresses_;
    std::atomic<bool> listed_{true};
    bool announced_ = false;
};

} // namespace fairlead
