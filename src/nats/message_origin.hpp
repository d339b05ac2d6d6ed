#pragma once

#include "core/recent_map.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead {

/// The identity of a message: an id for the topic in the process that sent it, and the number of the message
/// under this id.
///
///     Fairlead-Origin: 00c0ffee00c0ffee-17
struct message_origin {
    std::uint64_t id = 0;
    std::uint64_t number = 0;

    bool operator==(const message_origin&) const = default;
};

std::string to_string(const message_origin& value);
std::optional<message_origin> parse_message_origin(std::string_view text) noexcept;

/// Numbers the messages that this process sends. A topic that was forgotten for newer ones gets a new id, so
/// that its receivers find no gap.
///
/// Thread safety: `next` one thread at a time, `gave` any thread.
class outgoing_numbers {
public:
    static constexpr std::size_t max_topics = 16'384;

    explicit outgoing_numbers(std::uint64_t seed) noexcept : first_id_{seed}, next_id_{seed} {}

    message_origin next(std::string_view topic);

    /// Returns true for the origin of a message that this process has sent.
    bool gave(const message_origin& value) const noexcept { return value.id - first_id_ < next_id_ - first_id_; }

private:
    const std::uint64_t first_id_;
    std::atomic<std::uint64_t> next_id_;
    recent_map<std::string, message_origin> topics_{max_topics};
};

/// Counts the messages of one topic that did not arrive.
class gap_counter {
public:
    static constexpr std::size_t max_origins = 1'024;

    /// Returns the number of messages of this origin that are missing before this one; 0 for the first one that
    /// arrives.
    std::uint64_t missing_before(const message_origin& arrived);

private:
    recent_map<std::uint64_t, std::uint64_t> last_{max_origins};
};

} // namespace fairlead
