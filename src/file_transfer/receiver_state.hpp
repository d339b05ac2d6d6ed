#pragma once

#include "core/recent_map.hpp"
#include "file_transfer/message.hpp"
#include "file_transfer/reading_shares.hpp"
#include "file_transfer/storage.hpp"
#include "file_transfer/upload.hpp"
#include "file_transfer/upload_limits.hpp"

#include <fairlead/file_transfer/receiver_options.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace fairlead::file_transfer {

/// Uploads that can be resumed, by their keys, and the names of those that were stored lately.
///
/// Thread safety: any thread.
class known_uploads {
public:
    /// Returns the key of an upload: the digest of its resume token, size and name.
    static digest key_of(const offer& offered);

    void add(const digest& which, std::shared_ptr<upload> open);
    void remove(const digest& which, const upload* open) noexcept;
    std::shared_ptr<upload> find(const digest& which) const;

    /// Remembers the name under which an upload was stored, for a sender that did not get the answer.
    void remember(const digest& which, const std::string& name);
    std::optional<std::string> recall(const digest& which) const;

private:
    using map_key = std::pair<std::uint64_t, std::uint64_t>;

    mutable std::mutex mutex_;
    std::map<map_key, std::shared_ptr<upload>> open_;
    recent_map<map_key, std::string> stored_{4'096};
};

/// The state that all connections of a receiver share. Thread safety: any thread.
struct receiver_state {
    receiver_state(file_receiver_options given, std::unique_ptr<storage> given_disk)
        : options{std::move(given)}, disk{std::move(given_disk)}, limits{options, *disk} {}

    const file_receiver_options options;
    const std::unique_ptr<storage> disk;
    upload_limits limits;
    known_uploads uploads;
    reading_shares readers;
    std::atomic<std::uint64_t> offered{0}, stored{0}, refused{0}, failed{0}, bytes{0};
};

} // namespace fairlead::file_transfer
