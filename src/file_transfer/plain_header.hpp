#pragma once

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::file_transfer {

/// The beginning of a stream as many tutorials send a file: a name, a separator, the size in decimal, and with no mark
/// in between the bytes. A file that begins with digits is ambiguous until the stream ends:
///
///     a.txt<SEPARATOR>1234…      size 1 and the file "234…", or 12 and "34…", or 123 and "4…", or 1234 and "…"
///
/// At the end at most one of these sizes is that of what came: a longer size is a greater number, and leaves fewer bytes.
///
/// The name ends at the first separator. It is fed the stream, keeps no more than the header, and says which bytes follow
/// the run of digits.
class plain_header {
public:
    static constexpr std::size_t max_name = 4096;
    static constexpr std::size_t max_digits = 20;

    /// Throws std::invalid_argument for an empty separator.
    explicit plain_header(std::string separator);

    enum class state : unsigned char { incomplete, complete, wrong };

    /// Takes from the front of `bytes` what belongs to the name, the separator and the run of digits: the header is complete
    /// at the first other byte, or at `max_digits` digits. Gives how many bytes it took.
    std::size_t feed(bytes_view bytes);

    /// The stream has ended: digits at its end are complete, and a header without any is wrong.
    void end() noexcept;

    state now() const noexcept { return state_; }
    std::string_view fault() const noexcept { return fault_; } ///< why it is wrong, for people

    std::string_view name() const noexcept { return name_; }     ///< as it came; once complete
    std::string_view digits() const noexcept { return digits_; } ///< the whole run; once complete

    /// How many of the digits are the size, when `following` bytes have come behind the run and no more will; nothing when
    /// none is.
    std::optional<std::size_t> split(std::uint64_t following) const noexcept;

    /// Whether any split is still possible for a file of at least `following` bytes behind the run, of which none is larger
    /// than `limit`.
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
