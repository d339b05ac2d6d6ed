#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fairlead {

/// Chooses which peer loses its place when there is none left for a new one.
///
///     a source holds more than its fair part, and more than the source of the new peer:   one of that source
///     else, the source of the new peer holds less than a fair part:                       one of all peers
///     else:                                                                               none: it gets no place
///
/// Among these, a peer that was heard once is chosen before one that was heard again, because its address may be
/// forged; then the peer that was heard longest ago. A fair part is a 64th of the places that are taken, and at least
/// one. A source is an IPv4 address or an IPv6 /64, see `source_key`.
///
/// Each call takes constant time. Thread safety: one thread at a time.
class peer_ranking {
public:
    class place;

    /// `seed`: a number that peers cannot know, so that they cannot choose sources that share a bucket.
    explicit peer_ranking(std::uint64_t seed) : sources_{0, hash{seed}} {}
    peer_ranking(const peer_ranking&) = delete;
    peer_ranking& operator=(const peer_ranking&) = delete;

    /// Assigns a place to a new peer. Lifetime: `remove` it before the peer or the ranking is destroyed.
    void add(place& peer, std::uint64_t source);

    /// Notes that a peer was heard again.
    void note_heard(place& peer) noexcept;

    /// Takes the place of a peer away. Returns false if it had none.
    bool remove(place& peer) noexcept;

    /// Returns the peer that would lose its place to a new peer of `source`, or null if the new peer gets none.
    place* choose_for(std::uint64_t source) noexcept;

    std::size_t size() const noexcept { return by_class_[0].size() + by_class_[1].size(); }

private:
    enum peer_class : std::uint8_t { heard_once, heard_again };

    using places = std::list<place*>; // heard longest ago first
    struct source_state;
    using sources = std::list<source_state*>;
    struct source_state {
        std::uint64_t key = 0;
        places by_class[2];
        sources::iterator among; // in `by_count_`
        std::size_t count() const noexcept { return by_class[0].size() + by_class[1].size(); }
    };
    struct hash {
        std::uint64_t seed;
        std::size_t operator()(std::uint64_t source) const noexcept;
    };

    static place* first_of(const places (&by_class)[2]) noexcept;
    void move_to_count(source_state& source, std::size_t before, std::size_t after) noexcept;

    places by_class_[2];
    std::unordered_map<std::uint64_t, source_state, hash> sources_;
    std::vector<sources> by_count_; // sources with one place, with two, …; the last is not empty
};

/// Base for peers that can hold a place.
class peer_ranking::place {
public:
    place() = default;
    place(const place&) = delete;
    place& operator=(const place&) = delete;

private:
    friend class peer_ranking;

    source_state* source_ = nullptr; // null without a place
    peer_class class_ = heard_once;
    places::iterator among_all_;
    places::iterator in_source_;
};

} // namespace fairlead
