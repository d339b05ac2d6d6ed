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

/// Reads `64`, `64..1024`, `1KiB..64KiB`.
///
/// Errors: throws std::invalid_argument with a sentence that shows the right form.
size_range parse_size_range(std::string_view text);
std::string to_text(const size_range& sizes);

/// The messages of a load. The content of a message depends only on its connection and its number, so sent
/// messages are not kept, and their replies can still be compared. All sizes of the range are equally
/// likely.
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

/// Returns the bytes that a framing, given in its text form, can carry in any order: all bytes, or the
/// letters and digits that are not in its delimiter.
///
/// Errors: throws std::invalid_argument if none are left.
std::string alphabet_for(std::string_view framing);

/// Returns a text about the first difference between a message and its reply; nullopt if they are equal.
/// `skipped` bytes of the reply have been compared before.
///
///     byte 17 of 64 is 0x41, and 0x61 was sent
///     it has 12 bytes, and 64 were sent
std::optional<std::string> difference(bytes_view sent, bytes_view reply);
std::optional<std::string> difference_in_part(bytes_view sent, bytes_view part, std::size_t skipped);

} // namespace fairlead::command
