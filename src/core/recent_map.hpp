#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace fairlead {

/// A map of the newest entries, `most` of them: each further key evicts the oldest. Lifetime: owns its entries.
///
/// Thread safety: one thread at a time.
template <class Key, class Value>
class recent_map {
public:
    explicit recent_map(std::size_t most) : most_{most} {}

    void put(const Key& key, Value value) {
        if (entries_.insert_or_assign(key, std::move(value)).second)
            order_.push_back(key);
        while (order_.size() > most_) {
            entries_.erase(order_.front());
            order_.pop_front();
        }
    }

    std::optional<Value> find(const Key& key) const {
        const auto found = entries_.find(key);
        return found == entries_.end() ? std::nullopt : std::optional{found->second};
    }

private:
    const std::size_t most_;
    std::map<Key, Value> entries_;
    std::deque<Key> order_; // the keys, in the order of their first `put`
};

} // namespace fairlead
