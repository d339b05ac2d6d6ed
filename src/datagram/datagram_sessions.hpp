#pragma once

#include "datagram/datagram_sink.hpp"
#include "datagram/mix.hpp"
#include "datagram/udp_endpoint.hpp"

#include <fairlead/framing/framing.hpp>
#include <fairlead/transport/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <unordered_map>

namespace fairlead {

class datagram_stream;

/// Gives each address that sends datagrams a stream of its own, and so a session whose messages are its datagrams.
///
///     datagrams ──by sender──▶ stream of a ──▶ session a ──▶ conversation      a new sender: a new session
///                              stream of b ──▶ session b ──▶ conversation
///
/// Lifetime: outlives the streams it makes.
class datagram_sessions final : public datagram_sink {
public:
    /// Begins a session on a stream and gives true, or refuses: then the stream is gone.
    using open = std::function<bool(std::unique_ptr<stream> transport, framing messages)>;

    /// Lifetime: the endpoint outlives this.
    datagram_sessions(udp_endpoint& through, open begin, std::uint64_t seed);

    void on_datagram(bytes_view bytes, const datagram_path& path) override;

private:
    friend class datagram_stream;

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
    void forget(const datagram_stream& gone) noexcept;

    udp_endpoint& endpoint_;
    open open_;
    std::unordered_map<address, datagram_stream*, hash> peers_;
};

} // namespace fairlead
