#include "datagram/datagram_sessions.hpp"

#include "channel/datagram_channel.hpp"
#include "datagram/reply_rules.hpp"
#include "log/log_exceptions.hpp"

#include <utility>

namespace fairlead {

std::size_t datagram_sessions::hash::operator()(const address& peer) const noexcept {
    std::uint64_t sum = seed;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&peer.bytes);
    for (std::size_t at = 0; at < peer.size; at += sizeof sum) {
        std::uint64_t part = 0;
        std::memcpy(&part, bytes + at, std::min<std::size_t>(sizeof part, peer.size - at));
        sum = mix(sum ^ part);
    }
    return sum;
}

datagram_sessions::datagram_sessions(udp_endpoint& through, peer_places& places, open begin, std::uint64_t seed)
    : endpoint_{through}, places_{places}, open_{std::move(begin)}, ranking_{seed}, peers_{0, hash{seed}} {}

void datagram_sessions::on_datagram(bytes_view bytes, const datagram_path& path) {
    address peer;
    peer.size = std::min<::socklen_t>(path.peer_size(), sizeof peer.bytes);
    std::memcpy(&peer.bytes, path.peer_data(), peer.size);
    const auto known = peers_.find(peer);
    if (known == peers_.end())
        return begin(peer, bytes, path);
    ranking_.note_heard(*known->second);
    known->second->deliver(bytes, path);
}

// `open_` starts the session at once. The session may send before it gets the datagram, and it may end, which removes
// the channel. So the channel is looked up again.
void datagram_sessions::begin(const address& peer, bytes_view first, const datagram_path& path) {
    if (!has_place_for(path))
        return endpoint_.counters().dropped_for_peers.add();
    auto made = std::make_unique<datagram_channel>(*this, peer, path, first.size());
    peers_.emplace(peer, made.get());
    ranking_.add(*made, source_key(path));
    bool entered = false;
    log_exceptions([&] { entered = places_.enter(made->remote()); });
    if (!entered) {
        ranking_.remove(*made); // it has no place to give back
        return endpoint_.counters().dropped_for_peers.add();
    }
    if (!open_(std::move(made)))
        return endpoint_.counters().dropped_for_peers.add();
    if (const auto begun = peers_.find(peer); begun != peers_.end())
        begun->second->hand_over(first);
    else
        endpoint_.counters().dropped_by_end.add();
}

bool datagram_sessions::has_place_for(const datagram_path& path) {
    if (!places_.full() || ranking_.size() == 0)
        return true;
    peer_ranking::place* const chosen = ranking_.choose_for(source_key(path));
    if (!chosen)
        return false;
    endpoint_.counters().evicted_peers.add();
    static_cast<datagram_channel*>(chosen)->evict();
    return true;
}

void datagram_sessions::when_unused(std::function<void()> tell) {
    if (channels_ == 0)
        return tell();
    on_unused_ = std::move(tell);
}

void datagram_sessions::release_channel() noexcept {
    if (--channels_ == 0 && on_unused_)
        log_exceptions(std::exchange(on_unused_, nullptr));
}

// A channel without a place was just refused one, so it gives none back.
void datagram_sessions::forget(datagram_channel& gone) noexcept {
    if (ranking_.remove(gone))
        places_.leave(gone.remote());
    const auto known = peers_.find(gone.address());
    if (known != peers_.end() && known->second == &gone)
        peers_.erase(known);
}

} // namespace fairlead
