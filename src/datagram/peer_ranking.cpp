#include "datagram/peer_ranking.hpp"

#include "datagram/mix.hpp"

#include <algorithm>

namespace fairlead {

namespace {

constexpr std::size_t fair_parts = 64;

} // namespace

std::size_t peer_ranking::hash::operator()(std::uint64_t source) const noexcept {
    return mix(source ^ seed);
}

// Operations that may throw come first. If one throws, a new source is removed again.
void peer_ranking::add(place& peer, std::uint64_t source) {
    source_state& holder = sources_.try_emplace(source).first->second;
    const std::size_t before = holder.count();
    places of_all;
    places of_source;
    sources new_source;
    try {
        of_all.push_back(&peer);
        of_source.push_back(&peer);
        if (before == 0)
            new_source.push_back(&holder);
        if (by_count_.size() == before)
            by_count_.emplace_back();
    } catch (...) {
        if (before == 0)
            sources_.erase(source);
        throw;
    }
    if (before == 0) {
        holder.key = source;
        holder.among = new_source.begin();
        by_count_[0].splice(by_count_[0].end(), new_source);
    } else {
        move_to_count(holder, before, before + 1);
    }
    peer.source_ = &holder;
    peer.class_ = heard_once;
    peer.among_all_ = of_all.begin();
    peer.in_source_ = of_source.begin();
    by_class_[heard_once].splice(by_class_[heard_once].end(), of_all);
    holder.by_class[heard_once].splice(holder.by_class[heard_once].end(), of_source);
}

void peer_ranking::note_heard(place& peer) noexcept {
    if (!peer.source_)
        return;
    places& all = by_class_[heard_again];
    places& own = peer.source_->by_class[heard_again];
    all.splice(all.end(), by_class_[peer.class_], peer.among_all_);
    own.splice(own.end(), peer.source_->by_class[peer.class_], peer.in_source_);
    peer.class_ = heard_again;
}

bool peer_ranking::remove(place& peer) noexcept {
    source_state* const source = std::exchange(peer.source_, nullptr);
    if (!source)
        return false;
    by_class_[peer.class_].erase(peer.among_all_);
    source->by_class[peer.class_].erase(peer.in_source_);
    const std::size_t after = source->count();
    if (after == 0) {
        by_count_[0].erase(source->among);
        sources_.erase(sources_.find(source->key));
    } else {
        move_to_count(*source, after + 1, after);
    }
    while (!by_count_.empty() && by_count_.back().empty())
        by_count_.pop_back();
    return true;
}

void peer_ranking::move_to_count(source_state& source, std::size_t before, std::size_t after) noexcept {
    sources& to = by_count_[after - 1];
    to.splice(to.end(), by_count_[before - 1], source.among);
}

peer_ranking::place* peer_ranking::first_of(const places (&by_class)[2]) noexcept {
    const places& first = by_class[heard_once].empty() ? by_class[heard_again] : by_class[heard_once];
    return first.empty() ? nullptr : first.front();
}

peer_ranking::place* peer_ranking::choose_for(std::uint64_t source) noexcept {
    const std::size_t most = by_count_.size();
    const std::size_t fair = std::max<std::size_t>(1, size() / fair_parts);
    const auto known = sources_.find(source);
    const std::size_t held = known == sources_.end() ? 0 : known->second.count();
    if (most > fair && held < most)
        return first_of(by_count_.back().front()->by_class);
    return held < fair ? first_of(by_class_) : nullptr;
}

} // namespace fairlead
