#pragma once

#include "datagram/datagram_sink.hpp"
#include "datagram/mix.hpp"
#include "datagram/peer_places.hpp"
#include "datagram/peer_ranking.hpp"
#include "datagram/udp_endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <unordered_map>

namespace fairlead {

class channel;
class datagram_channel;

/// Gives each address that sends datagrams a channel of its own, and so a session whose messages are its datagrams.
///
///     datagrams ──by sender──▶ channel of a ──▶ session a ──▶ handler      a new sender: a new session
///                              channel of b ──▶ session b ──▶ handler
///
/// Where all places are taken, the session of another peer is ended for the new one, see `peer_ranking`. The sockets of the
/// other threads are not asked: a socket without any peer takes one place more than there are.
///
/// Lifetime: outlives the channels it makes.
class datagram_sessions final : public datagram_sink {
public:
    /// Begins a session over a channel and returns true, or refuses and destroys the channel.
    using open = std::function<bool(std::unique_ptr<channel> messages)>;

    /// Lifetime: the endpoint and the places outlive this.
    datagram_sessions(udp_endpoint& through, peer_places& places, open begin, std::uint64_t seed);

    void on_datagram(bytes_view bytes, const datagram_path& path) override;
    void when_unused(std::function<void()> tell) override;

private:
    friend class datagram_channel;

    struct address {
        ::sockaddr_in6 bytes = {}; // or a sockaddr_in
        ::socklen_t size = 0;
        friend bool operator==(const address& a, const address& b) noexcept {
            return a.size == b.size && std::memcmp(&a.bytes, &b.bytes, a.size) == 0;
        }
    };
    struct hash {
        std::uint64_t seed; // unknown to peers, who else could choose addresses that meet
        std::size_t operator()(const address& who) const noexcept;
    };

    void begin(const address& who, bytes_view first, const datagram_path& path);
    bool has_place_for(const datagram_path& path);
    void forget(datagram_channel& gone) noexcept;
    void release_channel() noexcept;

    udp_endpoint& endpoint_;
    peer_places& places_;
    open open_;
    peer_ranking ranking_;
    std::unordered_map<address, datagram_channel*, hash> peers_;
    std::size_t channels_ = 0; // also those that are none of `peers_` any more
    std::function<void()> on_unused_;
};

} // namespace fairlead
