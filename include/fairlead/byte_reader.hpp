#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/malformed_message.hpp>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace FAIRLEAD_API fairlead {

/// The numbers that `byte_reader` reads and `byte_writer` writes: integers and floating-point numbers of 1 to 8 bytes.
template <class T>
concept binary_number = std::is_arithmetic_v<T> && !std::same_as<T, bool> && sizeof(T) <= 8;

/// Reads numbers and bytes from a message, one after the other.
///
///     byte_reader from{message};
///     const auto id = from.read<std::uint32_t>();                 // big-endian, the order of networks
///     const auto price = from.read<double>(std::endian::little);
///     const auto name = from.bytes(from.read<std::uint8_t>());    // a length, then so many bytes
///     from.end();                                                 // nothing follows
///
/// Errors: each call throws `malformed_message` if the message is too short, and `end` if it is too long. A handler that does not
/// catch it ends its session. Lifetime: as the message.
class byte_reader {
public:
    explicit byte_reader(bytes_view message) noexcept : message_{message} {} ///< begins at the first byte

    /// Returns the next number.
    template <binary_number T>
    T read(std::endian order = std::endian::big) {
        const bytes_view taken = bytes(sizeof(T));
        std::array<unsigned char, sizeof(T)> part;
        for (std::size_t i = 0; i < part.size(); ++i)
            part[i] = taken[order == std::endian::native ? i : part.size() - 1 - i];
        return std::bit_cast<T>(part);
    }

    /// Returns the next bytes.
    bytes_view bytes(std::size_t size) {
        if (size > left())
            refuse(size);
        const bytes_view taken = message_.from(position_).first(size);
        position_ += size;
        return taken;
    }

    bytes_view rest() { return bytes(left()); } ///< returns all that is left

    /// Errors: throws `malformed_message` if bytes are left.
    void end() const {
        if (left() != 0)
            throw malformed_message{"the message ends at byte " + std::to_string(position_) + ", and has " +
                                    std::to_string(message_.size())};
    }

    std::size_t left() const noexcept { return message_.size() - position_; } ///< bytes that were not read
    std::size_t position() const noexcept { return position_; }               ///< bytes that were read

private:
    [[noreturn]] void refuse(std::size_t size) const {
        throw malformed_message{"the message has " + std::to_string(left()) + " bytes at byte " +
                                std::to_string(position_) + ", and " + std::to_string(size) + " are needed"};
    }

    bytes_view message_;
    std::size_t position_ = 0;
};

} // namespace fairlead
