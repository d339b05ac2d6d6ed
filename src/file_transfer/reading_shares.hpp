#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace fairlead::file_transfer {

/// Limits the bytes that each connection reads from files on the disk before the others have their turns.
///
/// Connections take turns on the threads for blocking work. All connections of one address together read about `turn`
/// bytes in a round, so an address gets no more by opening more connections.
///
/// Thread safety: any thread. Lifetime: outlives its shares.
class reading_shares {
public:
    static constexpr std::uint64_t turn = 8 * 1024 * 1024; ///< bytes
    static constexpr std::uint64_t least = 256 * 1024;     ///< bytes, however many connections there are

    /// The share of one connection that has something to read.
    class share {
    public:
        share(reading_shares& of, std::string address) : owner_{&of}, address_{std::move(address)} {
            const std::lock_guard lock{owner_->mutex_};
            ++owner_->readers_[address_];
        }
        share(share&& other) noexcept
            : owner_{std::exchange(other.owner_, nullptr)}, address_{std::move(other.address_)} {}
        share& operator=(share&& other) noexcept {
            std::swap(owner_, other.owner_);
            std::swap(address_, other.address_);
            return *this;
        }
        ~share() {
            if (!owner_)
                return;
            const std::lock_guard lock{owner_->mutex_};
            const auto own = owner_->readers_.find(address_);
            if (--own->second == 0)
                owner_->readers_.erase(own);
        }

        /// Bytes to read in one turn.
        std::uint64_t size() const {
            const std::lock_guard lock{owner_->mutex_};
            return std::max(least, turn / owner_->readers_.at(address_));
        }

    private:
        reading_shares* owner_;
        std::string address_;
    };

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::size_t> readers_; // connections by address; only addresses with connections
};

} // namespace fairlead::file_transfer
