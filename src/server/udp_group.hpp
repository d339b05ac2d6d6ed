#pragma once

#include "datagram/datagram_sink.hpp"
#include "datagram/receive_batch.hpp"
#include "datagram/udp_endpoint.hpp"
#include "server/listen_socket.hpp"
#include "server/udp_peers.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/udp.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fairlead {

class session_group;

/// The UDP sockets of a server on one shard.
///
/// Thread safety: the thread of the shard; `empty`, `statistics` and `name_of` from any. Lifetime: closed before the shard ends,
/// and destroyed after it.
class udp_group {
public:
    /// `sessions`, on the same shard, owns the UDP sessions.
    explicit udp_group(session_group& sessions) noexcept : sessions_{sessions} {}
    ~udp_group();

    /// Serves a socket from now on. Errors: throws boost::system::system_error when it cannot be watched.
    void add(listen_socket opened, const udp_rules& rules, std::shared_ptr<udp_peers> peers);

    /// Has what the system holds dealt with, then calls `on_drained`; sending goes on.
    void stop(std::function<void()> on_drained);

    /// Drops what the system still holds, and gives the number.
    std::size_t cut_off() noexcept;

    /// Ends at once.
    void close() noexcept;

    /// After `close`, and outside of what it calls: destroys the handlers.
    void release_handlers() noexcept;

    bool empty() const;
    datagram_statistics statistics() const;

    /// The socket that `shard::running` names, as a URL; nothing if it is none of these.
    std::optional<std::string> name_of(std::uint64_t id) const;

private:
    struct served {
        std::shared_ptr<udp_peers> peers;
        std::unique_ptr<udp_endpoint> socket;
        std::unique_ptr<datagram_sink> sink;
    };

    std::unique_ptr<datagram_sink> make_sink(udp_endpoint& through, const udp_rules& rules,
                                             const std::shared_ptr<udp_peers>& peers);

    session_group& sessions_;
    std::shared_ptr<receive_batch> buffers_;
    mutable std::mutex mutex_;   // for the others that look at what follows
    std::vector<served> served_; // grows on the thread of the shard
    std::size_t to_drain_ = 0;
    std::function<void()> on_drained_;
};

} // namespace fairlead
