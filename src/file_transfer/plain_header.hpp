#pragma once

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::file_transfer {

/// The header of a file as many tutorials send it: a name, a separator and the size in decimal, directly followed by
/// the bytes. A file that begins with digits is ambiguous until the stream ends:
///
///     a.txt<SEPARATOR>1234…      size 1 and the file "234…", or 12 and "34…", or 123 and "4…", or 1234 and "…"
///
/// At the end, at most one of these sizes matches the bytes: a longer size is a greater number, and leaves fewer bytes.
///
/// The name ends at the first separator. `feed` stores only the header; its result shows
/// where the bytes behind the run of digits begin.
class plain_header {
public:
    static constexpr std::size_t max_name = 4096;
    static constexpr std::size_t max_digits = 20;

    /// Throws std::invalid_argument for an empty separator.
    explicit plain_header(std::string separator);

    enum class state : unsigned char { incomplete, complete, wrong };

    /// Takes the bytes of the name, the separator and the run of digits from the front of `bytes`, and returns their
    /// number. The header is complete at the first other byte, or at `max_digits` digits.
    std::size_t feed(bytes_view bytes);

    /// Ends the stream: digits at its end are complete, and a header without any is wrong.
    void end() noexcept;

    state now() const noexcept { return state_; }
    std::string_view fault() const noexcept { return fault_; } ///< why it is wrong, for people

    std::string_view name() const noexcept { return name_; }     ///< as it came; once complete
    std::string_view digits() const noexcept { return digits_; } ///< the whole run; once complete

    /// Returns how many of the digits are the size, if `following` bytes have come after the run and no
    /// more will; nullopt if there is no such number.
    std::optional<std::size_t> split(std::uint64_t following) const noexcept;

    /// Returns true if there still is a split for a file with at least `following` bytes
    /// after the run, and at most `limit` bytes in all.
    bool possible(std::uint64_t following, std::uint64_t limit) const noexcept;

private:
    bool take(unsigned char byte);
    void take_of_name(unsigned char byte);
    void fail(std::string_view why) noexcept;

    std::string separator_;
    std::string name_;
    std::string digits_;
    std::string_view fault_;
    state state_ = state::incomplete;
    bool after_separator_ = false;
};

} // namespace fairlead::file_transfer
