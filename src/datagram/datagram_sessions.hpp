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

/// Makes a channel, and so a session, for each address that sends datagrams. Each datagram is a message.
///
///     datagrams ──by sender──▶ channel of a ──▶ session a ──▶ handler      a new sender: a new session
///                              channel of b ──▶ session b ──▶ handler
///
/// When all places are taken, a new peer replaces another one of the same socket, see `peer_ranking`. A socket without
/// peers accepts one peer more than there are places.
///
/// Lifetime: outlives the channels it makes.
class datagram_sessions final : public datagram_sink {
public:
    /// Begins a session over a channel. Returns false if it refuses; the channel is destroyed then.
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
        std::uint64_t seed; // secret, so that peers cannot choose addresses with equal hashes
        std::size_t operator()(const address& peer) const noexcept;
    };

    void begin(const address& peer, bytes_view first, const datagram_path& path);
    bool has_place_for(const datagram_path& path);
    void forget(datagram_channel& gone) noexcept;
    void release_channel() noexcept;

    udp_endpoint& endpoint_;
    peer_places& places_;
    open open_;
    peer_ranking ranking_;
    std::unordered_map<address, datagram_channel*, hash> peers_;
    std::size_t channels_ = 0; // includes channels that are no longer in `peers_`
    std::function<void()> on_unused_;
};

} // namespace fairlead
