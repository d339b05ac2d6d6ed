#pragma once

#include "log/log_exceptions.hpp"

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fairlead {

/// Requests that were written and wait for their replies. Replies are matched by the order of the requests, or by
/// an id in the message. Exceptions of the function for ids are logged, and the message counts as one without an id.
template <class Call>
class open_requests {
public:
    using id_function = std::function<std::string(bytes_view message)>;

    /// Without a function replies come in the order of the requests.
    explicit open_requests(id_function id_of) : id_of_{std::move(id_of)} {}

    bool in_order() const noexcept { return !id_of_; }
    std::size_t size() const noexcept { return queue_.size() - answered_ + by_id_.size() - late_; }

    /// Returns the number of requests with ids that were given up before their replies came.
    std::size_t late() const noexcept { return late_; }

    /// Returns the key of a request for `add`: its id, or an empty key if replies come in order. Returns nullopt
    /// if the id is empty, if the function for ids threw, or if another request that is open or late has this id.
    std::optional<std::string> key_of(bytes_view request) const {
        std::string key;
        if (in_order())
            return key;
        key = id_in(request);
        if (key.empty() || by_id_.contains(key))
            return {};
        return key;
    }

    void add(std::string key, Call& by) {
        if (in_order())
            queue_.push_back(&by);
        else
            by_id_.emplace(std::move(key), &by);
    }

    /// Returns the request that a message answers, and removes it. Null if it answers no open request.
    Call* take(bytes_view reply) {
        if (in_order())
            return take_next();
        const auto found = by_id_.find(id_in(reply));
        return found == by_id_.end() ? nullptr : take(found);
    }

    /// Returns an open request, and removes it; in order, the first one. Null if none is open: then
    /// no late one is left either.
    Call* take_next() noexcept {
        if (answered_ != queue_.size())
            return take_first();
        while (!by_id_.empty()) {
            if (Call* const by = take(by_id_.begin()))
                return by;
        }
        return nullptr;
    }

    /// Removes a request that was not written after all.
    void remove(const Call& by) noexcept {
        remove_from_queue(by);
        std::erase_if(by_id_, [&](const auto& each) { return each.second == &by; });
    }

    /// Abandons a request whose reply is late. In order, that reply would be taken for the next one, so
    /// nothing may follow on this connection. With ids, no other request may use the id until the reply comes.
    void give_up(const Call& by) noexcept {
        remove_from_queue(by);
        for (auto& [id, each] : by_id_) {
            if (each == &by) {
                each = nullptr;
                ++late_;
            }
        }
    }

private:
    using calls_by_id = std::unordered_map<std::string, Call*>;

    std::string id_in(bytes_view message) const {
        std::string id;
        log_exceptions([&] { id = id_of_(message); });
        return id;
    }

    Call* take_first() noexcept {
        Call* const by = queue_[answered_++];
        if (answered_ * 2 > queue_.size()) {
            queue_.erase(queue_.begin(), unanswered());
            answered_ = 0;
        }
        return by;
    }

    void remove_from_queue(const Call& by) noexcept {
        queue_.erase(std::remove(unanswered(), queue_.end(), &by), queue_.end());
    }

    auto unanswered() noexcept { return queue_.begin() + static_cast<std::ptrdiff_t>(answered_); }

    Call* take(typename calls_by_id::iterator found) noexcept {
        Call* const by = found->second;
        by_id_.erase(found);
        if (!by)
            --late_;
        return by;
    }

    id_function id_of_;
    std::vector<Call*> queue_; // a vector, since it keeps its memory
    std::size_t answered_ = 0; // requests at its front that are no longer open
    calls_by_id by_id_;        // null: late
    std::size_t late_ = 0;
};

} // namespace fairlead
