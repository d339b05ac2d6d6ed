#pragma once

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace fairlead::command {

/// The datagrams that were sent and wait for a reply, each with a number; replies come in any order, or
/// never. A number is reused as late as possible.
///
/// The time is an argument. Thread safety: one thread at a time.
class datagram_window {
public:
    using time_point = std::chrono::steady_clock::time_point;

    struct pending {
        std::uint32_t number = 0;
        time_point due;
        time_point sent;
    };

    explicit datagram_window(std::size_t room) : slots_(std::bit_ceil(room)), room_{room} {
        for (std::size_t at = 0; at < slots_.size(); ++at)
            slots_[at].message.number = static_cast<std::uint32_t>(at);
        for (std::size_t at = room; at-- > 0;)
            free_.push_back(static_cast<std::uint32_t>(at));
    }

    bool has_room() const noexcept { return !free_.empty(); }
    std::size_t waiting() const noexcept { return room_ - free_.size(); }

    /// Adds a datagram that is sent now, and returns its number. There must be room.
    std::uint32_t open(time_point due, time_point now) noexcept {
        slot& taken = slots_[free_.back()];
        free_.pop_back();
        taken.waits = true;
        taken.message = {taken.message.number + static_cast<std::uint32_t>(slots_.size()), due, now};
        return taken.message.number;
    }

    /// Removes and returns the datagram with this number; nullopt if there is none. `close_oldest` takes
    /// the one that has waited longest.
    std::optional<pending> close(std::uint32_t number) noexcept {
        const slot& asked = slots_[number % slots_.size()];
        if (!asked.waits || asked.message.number != number)
            return {};
        return take(asked);
    }
    std::optional<pending> close_oldest() noexcept {
        const slot* oldest = nullptr;
        for (const slot& each : slots_) {
            if (each.waits && (!oldest || each.message.sent < oldest->message.sent))
                oldest = &each;
        }
        return oldest ? std::optional{take(*oldest)} : std::nullopt;
    }

    /// Removes the datagrams that were sent before `limit`, and returns their number.
    std::size_t give_up(time_point limit) noexcept {
        std::size_t given_up = 0;
        for (const slot& each : slots_) {
            if (each.waits && each.message.sent < limit) {
                take(each);
                ++given_up;
            }
        }
        return given_up;
    }

private:
    struct slot {
        pending message;
        bool waits = false;
    };

    // Allocates no memory: `free_` had room for the element before.
    pending take(const slot& from) noexcept {
        const auto at = static_cast<std::size_t>(&from - slots_.data());
        slots_[at].waits = false;
        free_.push_back(static_cast<std::uint32_t>(at));
        return from.message;
    }

    std::vector<slot> slots_; // a power of two, so that numbers can wrap
    std::vector<std::uint32_t> free_;
    std::size_t room_;
};

} // namespace fairlead::command
