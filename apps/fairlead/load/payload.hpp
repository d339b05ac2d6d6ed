#pragma once

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::command {

/// Bytes in a message, from the least to the most.
struct size_range {
    std::size_t least = 64;
    std::size_t most = 64;
};

/// `64`, `64..1024`, `1KiB..64KiB`.
///
/// Errors: throws std::invalid_argument with a sentence that shows the right form.
size_range parse_size_range(std::string_view text);
std::string to_text(const size_range& sizes);

/// The messages of a load: what each holds follows from its connection and its number alone, so nothing is kept of one
/// that was sent, and its reply can be compared all the same. Every size of the range is as likely as any other.
///
/// Thread safety: any thread. Lifetime: a message views this.
class payload {
public:
    /// `alphabet`: the bytes that messages consist of; at least one.
    payload(const size_range& sizes, std::string_view alphabet);

    bytes_view message(std::size_t connection, std::uint64_t number) const noexcept;

private:
    static constexpr std::size_t beginnings = 64 * 1024;

    size_range sizes_;
    std::string pattern_;
};

/// The bytes that a framing can carry, whatever their order, by the text form of the framing: all of them, or letters and
/// digits that are no part of its delimiter.
///
/// Errors: throws std::invalid_argument where none are left.
std::string alphabet_for(std::string_view framing);

/// Where a reply differs from what was sent, in words, when it does; of the reply `skipped` bytes have been compared before.
///
///     byte 17 of 64 is 0x41, and 0x61 was sent
///     it has 12 bytes, and 64 were sent
std::optional<std::string> difference(bytes_view sent, bytes_view reply);
std::optional<std::string> difference_in_part(bytes_view sent, bytes_view part, std::size_t skipped);

} // namespace fairlead::command
