#pragma once

#include "datagram/datagram_counters.hpp"
#include "datagram/datagram_path.hpp"
#include "datagram/reply_rules.hpp"
#include "peer/inlet.hpp"

#include <fairlead/udp_sender.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace fairlead {

class udp_endpoint;

/// The interface of a server's UDP socket for other threads.
///
///     made ──open──▶ sends ──close──▶ closed        until it is open, and once it is closed: `errc::closed`
///
/// Thread safety: `open` and `close` on the thread of its shard, the rest on any. Lifetime: outlives the socket.
class udp_outlet : public std::enable_shared_from_this<udp_outlet> {
public:
    /// At most `most` bytes wait for the thread of the socket.
    udp_outlet(std::shared_ptr<mailbox> box, std::size_t most, const endpoint& local)
        : inlet_{std::move(box), most}, local_{local} {}

    void open(udp_endpoint& socket) noexcept;
    void close() noexcept;

    bool is_open() const noexcept { return open_; }

    /// Returns the counters of the socket, which are incremented on the thread of its shard.
    datagram_counters& counters() noexcept { return counters_; }
    const datagram_counters& counters() const noexcept { return counters_; }

    const endpoint& local() const noexcept { return local_; }

    /// Sends under the rules of the socket. A null budget stands for a peer that the program knows.
    result<void> send(const datagram_path& to, bytes_view message, std::shared_ptr<amplification_budget> budget);

private:
    result<void> send_now(const datagram_path& to, bytes_view message, amplification_budget* budget);

    inlet inlet_;
    const endpoint local_;
    datagram_counters counters_;
    std::atomic<bool> open_{false};
    udp_endpoint* socket_ = nullptr; // used on the thread of the shard
};

/// The sockets of one address, one for each thread. All messages to one peer are sent through the same socket.
class udp_outlets : public std::enable_shared_from_this<udp_outlets> {
public:
    udp_outlets(const endpoint& local, std::size_t max_reply_ratio) : local_{local}, ratio_{max_reply_ratio} {}

    /// Adds a socket. Thread safety: before the first use.
    const std::shared_ptr<udp_outlet>& add(std::shared_ptr<mailbox> box, std::size_t most);

    udp_sender sender() const { return udp_sender{shared_from_this()}; }
    const endpoint& local() const noexcept { return local_; }
    const std::vector<std::shared_ptr<udp_outlet>>& sockets() const noexcept { return sockets_; }
    peer_handle known_peer(const endpoint& to) const;
    result<void> send(const endpoint& to, bytes_view message) const;

private:
    const std::shared_ptr<udp_outlet>& choose_for(const endpoint& to) const noexcept;

    const endpoint local_;
    const std::size_t ratio_;
    std::vector<std::shared_ptr<udp_outlet>> sockets_;
};

} // namespace fairlead
