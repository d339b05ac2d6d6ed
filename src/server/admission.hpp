#pragma once

#include "core/buffer_budget.hpp"
#include "core/counter.hpp"
#include "core/descriptor_reserve.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/limits.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace fairlead {

/// Counts the sessions of the server, of each listener and of each address, and limits their number.
///
/// Thread safety: `has_capacity`, `hold`, `admit` and `close` from one thread, or from any if addresses are
/// not counted; the rest from any. Lifetime: outlives its listeners.
class admission {
public:
    class listener;

    /// The number of sessions of an address, and the budget of their buffers. A budget of 0 bytes means no limit.
    struct address_account {
        explicit address_account(std::size_t most_bytes) noexcept : buffers{most_bytes} {}
        std::size_t sessions = 0;
        buffer_budget buffers;
    };
    using counted_address = std::pair<const std::string, address_account>;

    /// The place of one session. The destructor frees it.
    class permit {
    public:
        permit(permit&& other) noexcept : at_{std::exchange(other.at_, nullptr)}, address_{other.address_} {}
        permit& operator=(permit&&) = delete;
        ~permit();

        /// Returns true if this is a place at `other`.
        bool is_at(const listener& other) const noexcept { return at_ == &other; }

        /// Returns the present name of the listener; null if it has none.
        std::shared_ptr<const std::string> listener_name() const;

        /// Returns the budget for the buffers of all sessions of its address; null: no limit. Lifetime:
        /// that of the permit.
        buffer_budget* buffers() const noexcept {
            return address_ && address_->second.buffers.most() != 0 ? &address_->second.buffers : nullptr;
        }

    private:
        friend class admission;
        permit(listener& at, counted_address* address) noexcept : at_{&at}, address_{address} {}
        listener* at_;
        counted_address* address_; // null when sessions are not counted by address
    };

    /// `on_room` is called, on any thread, when there is room after there was none.
    explicit admission(std::function<void()> on_room) : on_room_{std::move(on_room)} {}

    /// Returns the limit of sessions in all: that of `set_most`, less the descriptors that
    /// `descriptor_reserve` keeps for other uses now.
    std::size_t most() const noexcept { return sessions_beside(most_, descriptor_reserve::all()); }
    void set_most(std::size_t sessions) noexcept { most_ = sessions; }

    /// As above, for one listener. Thread safety: any thread.
    std::size_t most(const listener& at) const noexcept;

    /// Returns a new listener with limits of its own. Lifetime: outlives its places.
    std::unique_ptr<listener> add(const limits& bounds);

    /// Returns true if there is room for one more session of this listener. Otherwise `on_room` is called
    /// once a session has ended.
    bool has_capacity(const listener& at) noexcept;

    /// Returns a place for a connection from `remote`; nullopt if its address has as many sessions as it may.
    /// While `buffers`, the budget of all sessions, is scarce, an address may have at most `always` sessions,
    /// and connections that are not counted by address get no place. So an address with few sessions is
    /// served even if the others hold most of the memory.
    std::optional<permit> admit(listener& at, const endpoint& remote, const buffer_budget* buffers = nullptr);

    /// Returns a place for a connection whose address is not known yet; it counts for `max_sessions`. `admit` follows.
    permit hold(listener& at) noexcept;

    /// As above, for a place that `hold` returned. Returns false if the connection may not be served.
    bool admit(permit& held, const endpoint& remote, const buffer_budget* buffers = nullptr);

    /// Sessions that one address may have by default, even with small limits or scarce buffers.
    static constexpr std::size_t always = 16;

    /// `on_room` is not called any more.
    void close() noexcept { open_ = false; }

private:
    bool count(listener& at, const endpoint& remote, const buffer_budget* buffers, counted_address*& address);
    std::optional<std::size_t> most_sessions(const listener& at, const endpoint& remote) const noexcept;
    void leave(listener& at, counted_address* address) noexcept;

    std::atomic<std::size_t> most_{0};
    const std::function<void()> on_room_;
    std::atomic<std::size_t> active_{0};
    std::atomic<bool> awaited_{false};
    std::atomic<bool> open_{true};
};

class admission::listener {
public:
    /// Sets the limits of further sessions. Thread safety: any thread.
    void set_limits(const limits& bounds) noexcept {
        max_sessions_ = bounds.max_sessions;
        max_per_address_ = bounds.max_sessions_per_address.value_or(not_asked);
        max_buffer_per_address_ = bounds.max_buffer_per_address.value_or(not_asked);
    }

    // Thread safety: any thread.
    std::uint64_t accepted() const noexcept { return accepted_; }
    std::size_t active() const noexcept { return active_; }

    /// A name for reports.
    void set_name(std::string name) {
        auto next = std::make_shared<const std::string>(std::move(name));
        const std::lock_guard lock{mutex_};
        name_.swap(next);
    }
    std::shared_ptr<const std::string> name() const {
        const std::lock_guard lock{mutex_};
        return name_;
    }

    counter refused_for_address, refused_for_memory; ///< for `placement`

private:
    friend class admission;
    listener(admission& owner, const limits& bounds) noexcept : owner_{owner} { set_limits(bounds); }

    std::size_t most_bytes(const endpoint& remote, const buffer_budget* of_all) const noexcept;
    bool full() const noexcept {
        const std::size_t most = max_sessions_;
        return most != 0 && active_ >= most;
    }

    static constexpr std::size_t not_asked = std::numeric_limits<std::size_t>::max();

    admission& owner_;
    std::atomic<std::size_t> max_sessions_{0}, max_per_address_{not_asked}, max_buffer_per_address_{not_asked};
    std::atomic<std::size_t> active_{0};
    std::atomic<std::uint64_t> accepted_{0};
    mutable std::mutex mutex_; // for these two
    std::shared_ptr<const std::string> name_;
    std::unordered_map<std::string, address_account> by_address_;
};

inline std::shared_ptr<const std::string> admission::permit::listener_name() const {
    return at_->name();
}

} // namespace fairlead
