#pragma once

#include "file_transfer/message.hpp"
#include "file_transfer/storage.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/file_transfer/receiver_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace fairlead::file_transfer {

/// The limits of all uploads of a receiver together, and of those of each address.
///
///     offer ──open──▶ place: counted, no space ──grow──▶ what came, and a lead ──▶ … ──▶ ~place: the lead is free
///
/// `open` refuses a file for which there is no room now. Space of the disk and of the directory is set
/// aside only as bytes come: a lead of as many bytes again, at most 16 MiB, and no more than the rest that
/// was announced. So an offer alone, which costs its sender nothing, takes no space from others. The share
/// of the sender's own address is taken at once.
///
/// An offer whose first byte has not come yet waits. It holds its place only until another upload needs it:
///
///     waiting ──first byte──▶ under way
///        └── all places are taken, and a newcomer's address has fewer of them ──▶ displaced: the oldest offer of the
///                                                                               address with the most that wait
///
/// Peers without an IP address, those of a Unix socket, have no shares: as for sessions,
/// limits of an address do not apply to them.
///
/// The caller passes the time. Thread safety: any thread. Lifetime: outlives its places.
class upload_limits {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// A refusal's code and reason.
    struct objection {
        refusal_code code;
        std::string reason;
    };

    /// The place of one upload.
    class place {
    public:
        place() noexcept = default;
        place(place&& other) noexcept;
        place& operator=(place&& other) noexcept;
        ~place() { leave(); }

        /// Counts `bytes` that have come and are on the disk, or will be soon; returns the
        /// objection if there is no room for them.
        std::optional<objection> grow(std::uint64_t bytes, time_point now);

        /// Returns the reason if a newcomer has taken its place, else nullopt. It is not
        /// counted any more then, and `grow` refuses.
        std::optional<objection> displaced() const;

        /// Returns true while more than half of the places are taken, of all places or of those of its address.
        bool crowded() const;

        /// Notes that its file is stored, and counts for the address.
        void stored() noexcept { counts_ = true; }

        /// Notes that its bytes stay on the disk, and count for the address as a file does.
        void kept() noexcept { counts_ = true; }

    private:
        friend class upload_limits;
        void leave() noexcept;

        upload_limits* owner_ = nullptr;
        std::string address_;
        time_point period_{}; // the beginning of the quota period of the address
        std::uint64_t id_ = 0;
        std::uint64_t announced_ = 0; // bytes that have yet to come, counted for the address
        std::uint64_t set_aside_ = 0; // of these, bytes of space reserved for this upload
        std::uint64_t came_ = 0;
        bool counts_ = false;  // also after it has left
        bool counted_ = false; // as a file of its address, from its start
    };

    upload_limits(const file_receiver_options& options, storage& disk) : options_{options}, disk_{disk} {}

    /// Opens a place for an upload of which `bytes` are to come, as far as known. An
    /// upload that `goes_on` was counted as a file before.
    std::optional<objection> open(place& given, const endpoint& from, std::uint64_t bytes, bool goes_on,
                                  time_point now);

    std::size_t open_now() const;

private:
    struct quota {
        time_point began{};
        std::uint64_t bytes = 0, files = 0;
        std::size_t open = 0;
    };

    using held_lock = std::unique_lock<std::mutex>;

    bool displace_for(const std::string& address);
    void begin(place& given);
    std::optional<objection> take(place& given, std::uint64_t bytes, time_point now, held_lock& lock);
    std::optional<objection> check_address(const quota& used, std::uint64_t bytes) const;
    std::optional<objection> check_share(const quota& used, bool goes_on) const;
    std::optional<objection> check_total(std::uint64_t bytes, time_point now, held_lock& lock);
    bool fits_total(std::uint64_t bytes) const noexcept;
    std::optional<objection> check_disk(std::uint64_t bytes);
    quota& quota_of(const std::string& address, time_point now);

    static constexpr std::uint64_t look_every = 16 * 1024 * 1024; // bytes of all uploads between two looks at the disk
    static constexpr std::uint64_t most_lead = 16 * 1024 * 1024;  // bytes
    static constexpr std::chrono::seconds count_every{1};         // between two counts of the directory
    static constexpr std::size_t most_addresses = 65'536;

    const file_receiver_options& options_;
    storage& disk_;
    mutable std::mutex mutex_;
    std::size_t open_ = 0;
    std::uint64_t set_aside_ = 0;
    std::uint64_t since_look_ = 0;
    std::uint64_t used_ = 0; // bytes in the directory: its last count, and those that came since
    std::optional<time_point> counted_;
    bool counting_ = false;
    time_point forgot_{};
    std::unordered_map<std::string, quota> quotas_;
    std::uint64_t last_id_ = 0;
    std::map<std::string, std::set<std::uint64_t>> waiting_; // ids of places by their addresses, none empty
    std::set<std::uint64_t> displaced_;                      // ids of places that have not left yet
};

} // namespace fairlead::file_transfer
