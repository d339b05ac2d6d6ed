#pragma once

#include <fairlead/api.hpp>

#include <cstddef>
#include <iterator>
#include <span>

namespace FAIRLEAD_API fairlead {

class shard;

/// The shards of a server or of a runtime, in the order of their `index()`.
///
///     for (shard& each : server.shards())
///         log(std::to_string(each.index()));
///
/// Thread safety: any thread. Lifetime: valid as long as the server or runtime; copies refer to the same shards.
class shard_range {
public:
    /// Iterates over `shard&`.
    class iterator {
    public:
        using value_type = shard;                            ///< the type of the elements
        using reference = shard&;                            ///< the type of `*it`
        using pointer = shard*;                              ///< the type of `it.operator->()`
        using difference_type = std::ptrdiff_t;              ///< the type of distances
        using iterator_category = std::forward_iterator_tag; ///< may be copied and used again

        iterator() noexcept = default;
        explicit iterator(shard* const* at) noexcept : at_{at} {} ///< refers to an element

        shard& operator*() const noexcept { return **at_; }           ///< the shard
        shard* operator->() const noexcept { return *at_; }           ///< the shard
        iterator& operator++() noexcept { return ++at_, *this; }      ///< goes to the next
        iterator operator++(int) noexcept { return iterator{at_++}; } ///< goes to the next
        bool operator==(const iterator&) const noexcept = default;

    private:
        shard* const* at_ = nullptr;
    };

    explicit shard_range(std::span<shard* const> all) noexcept : all_{all} {} ///< refers to `all`

    iterator begin() const noexcept { return iterator{all_.data()}; }             ///< the first shard
    iterator end() const noexcept { return iterator{all_.data() + all_.size()}; } ///< after the last
    std::size_t size() const noexcept { return all_.size(); }                     ///< the number of shards
    shard& operator[](std::size_t index) const noexcept { return *all_[index]; }  ///< `index` is less than `size()`

private:
    std::span<shard* const> all_;
};

} // namespace fairlead
