#pragma once

#include <fairlead/api.hpp>
#include <fairlead/byte_reader.hpp>
#include <fairlead/bytes.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Appends numbers and bytes to a message, in the forms that `byte_reader` reads.
///
///     std::string message;
///     byte_writer to{message};
///     to.write(std::uint32_t{7});
///     to.write(1.09, std::endian::little);
///     to.write(static_cast<std::uint8_t>(name.size()));
///     to.bytes(name);
///
/// Name the type of each number, as here: it decides the size. Errors: throws std::bad_alloc. Lifetime: `message` outlives this.
class byte_writer {
public:
    explicit byte_writer(std::string& message) noexcept : message_{message} {} ///< appends to `message`

    /// Appends a number.
    template <binary_number T>
    void write(T number, std::endian order = std::endian::big) {
        const auto part = std::bit_cast<std::array<char, sizeof(T)>>(number);
        for (std::size_t i = 0; i < part.size(); ++i)
            message_ += part[order == std::endian::native ? i : part.size() - 1 - i];
    }

    void bytes(bytes_view part) { message_.append(part.text()); } ///< appends bytes

private:
    std::string& message_;
};

} // namespace fairlead
