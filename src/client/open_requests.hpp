#pragma once

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fairlead {

/// Requests that have been written and wait for their replies: in order, first in, first out, or by an id in the message.
template <class Call>
class open_requests {
public:
    using id_function = std::function<std::string(bytes_view message)>;

    /// Without a function replies come in the order of the requests.
    explicit open_requests(id_function id_of) : id_of_{std::move(id_of)} {}

    bool in_order() const noexcept { return !id_of_; }
    std::size_t size() const noexcept { return queue_.size() + by_id_.size(); }

    /// Whether a request may be written now: false when its id is empty, or that of one that is open.
    bool may_add(bytes_view request) const {
        if (in_order())
            return true;
        const std::string id = id_of_(request);
        return !id.empty() && !by_id_.contains(id);
    }

    void add(bytes_view request, Call& by) {
        if (in_order())
            queue_.push_back(&by);
        else
            by_id_.emplace(id_of_(request), &by);
    }

    /// Whom a message answers, who is not open any more; null if nobody.
    Call* take(bytes_view reply) {
        if (in_order()) {
            if (queue_.empty())
                return nullptr;
            Call* const by = queue_.front();
            queue_.pop_front();
            return by;
        }
        const auto found = by_id_.find(id_of_(reply));
        if (found == by_id_.end())
            return nullptr;
        Call* const by = found->second;
        by_id_.erase(found);
        return by;
    }

    void forget(const Call& by) {
        std::erase(queue_, &by);
        std::erase_if(by_id_, [&](const auto& each) { return each.second == &by; });
    }

    /// All that are open, none of which is any more.
    std::vector<Call*> take_all() {
        std::vector<Call*> all{queue_.begin(), queue_.end()};
        for (const auto& [id, by] : by_id_)
            all.push_back(by);
        queue_.clear();
        by_id_.clear();
        return all;
    }

private:
    id_function id_of_;
    std::deque<Call*> queue_;
    std::unordered_map<std::string, Call*> by_id_;
};

} // namespace fairlead
