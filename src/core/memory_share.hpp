#pragma once

#include "core/buffer_budget.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace fairlead {

/// Charges the buffers of one connection to the budget of its address, if it has one. The
/// connection may read on only if that budget and the budget of all connections allow it.
///
/// The budget of all connections is an argument, because a shard may get it late. So is the `id` of
/// the connection, which is not 0.
///
/// Thread safety: one thread at a time. Lifetime: the budget of the address outlives this, or `charge_to` comes before.
class memory_share {
public:
    memory_share() noexcept = default;
    explicit memory_share(buffer_budget* of_address) noexcept : of_address_{of_address} {}
    memory_share(const memory_share&) = delete;
    memory_share& operator=(const memory_share&) = delete;

    /// Charges another address, or none, from the next `charge` on.
    void charge_to(buffer_budget* of_address, std::uint64_t id) noexcept {
        charge(0);
        give_back(of_address_, lent_by_address_, id);
        of_address_ = of_address;
    }

    bool is_charged() const noexcept { return of_address_ != nullptr; }

    /// Sets the number of bytes that the connection holds. No effect if no address is charged.
    void charge(std::size_t held) noexcept {
        if (of_address_)
            of_address_->add(static_cast<std::ptrdiff_t>(held) -
                             static_cast<std::ptrdiff_t>(std::exchange(charged_, held)));
    }

    /// Returns true if more is left of both budgets than the connection holds.
    bool has_room(std::size_t held, const buffer_budget* of_all) const noexcept {
        return has_room(of_address_, held) && has_room(of_all, held);
    }

    /// Returns true if `has_room`, or if the connection may finish its message although there is no
    /// room. Calls `begins` with each budget that begins to permit this. Asks the address first, so
    /// a connection that has to wait there does not keep others from finishing.
    template <class Begins>
    bool may_finish(std::uint64_t id, std::size_t held, buffer_budget* of_all, std::chrono::milliseconds now,
                    Begins begins) {
        const auto lets = [&](buffer_budget* budget, std::size_t& lent) {
            if (has_room(budget, held))
                return true;
            const bool goes_on = budget->is_finishing(id);
            if (!budget->let_finish(id, now, static_cast<std::ptrdiff_t>(lent)))
                return false;
            if (lent == 0)
                lend(budget, lent, 1); // until the next wait
            if (!goes_on)
                begins(*budget);
            return true;
        };
        return lets(of_address_, lent_by_address_) && lets(of_all, lent_by_all_);
    }

    /// Returns true once a budget without room has let the connection finish, until `finished`.
    bool is_lent() const noexcept { return lent_by_address_ != 0 || lent_by_all_ != 0; }

    /// Sets the number of bytes lent: the input that belongs to messages that the connection may
    /// finish. No effect if nothing is lent.
    void lend_again(std::size_t input, buffer_budget* of_all) noexcept {
        if (lent_by_address_ != 0)
            lend(of_address_, lent_by_address_, input);
        if (lent_by_all_ != 0)
            lend(of_all, lent_by_all_, input);
    }

    /// Ends the loans: the connection waits outside of a message, or has ended.
    void finished(std::uint64_t id, buffer_budget* of_all) noexcept {
        give_back(of_address_, lent_by_address_, id);
        give_back(of_all, lent_by_all_, id);
    }

private:
    static bool has_room(const buffer_budget* budget, std::size_t held) noexcept {
        return !budget || held < budget->left();
    }

    static void lend(buffer_budget* budget, std::size_t& lent, std::size_t now) noexcept {
        if (lent != now)
            budget->lend(static_cast<std::ptrdiff_t>(now) - static_cast<std::ptrdiff_t>(std::exchange(lent, now)));
    }

    static void give_back(buffer_budget* budget, std::size_t& lent, std::uint64_t id) noexcept {
        if (!budget)
            return;
        lend(budget, lent, 0);
        budget->finished(id);
    }

    buffer_budget* of_address_ = nullptr;
    std::size_t charged_ = 0;
    std::size_t lent_by_address_ = 0; // 0: nothing is lent
    std::size_t lent_by_all_ = 0;
};

} // namespace fairlead
