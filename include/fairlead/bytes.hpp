#pragma once

#include <fairlead/api.hpp>

#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace FAIRLEAD_API fairlead {

/// A type that holds one byte: `char`, `unsigned char`, `std::byte`, `char8_t`.
template <class T>
concept byte_like = sizeof(T) == 1 && std::is_trivially_copyable_v<T> && !std::same_as<T, bool>;

/// A contiguous range of byte-like elements. Arrays of characters are excluded: a literal ends at its first NUL.
template <class Bytes>
concept byte_container = !std::is_array_v<Bytes> && requires(const Bytes& bytes) {
    requires std::is_pointer_v<decltype(std::data(bytes))>;
    requires byte_like<std::remove_cvref_t<decltype(*std::data(bytes))>>;
    { std::size(bytes) } -> std::convertible_to<std::size_t>;
};

/// A read-only view of bytes: a message, or part of a stream.
///
/// Converts implicitly from a contiguous range of bytes (`std::string`, `std::vector<std::byte>`, spans, …) and, like
/// `std::string_view`, from a literal up to its first NUL. Write `"…"sv` for a literal that contains NUL bytes.
/// Elements are `unsigned char`, so `message[0] == 0xFF` compares as expected.
///
///     const bytes_view message{"GET key"};
///     const std::string_view verb = message.first(3).text();      // "GET"
///     const std::string_view key = message.from(4).text();        // "key"
///
/// Lifetime: the view does not own the bytes, which must outlive it.
class bytes_view {
public:
    using value_type = unsigned char;            ///< one element
    using const_iterator = const unsigned char*; ///< points to an element
    using iterator = const_iterator;             ///< the same: elements cannot be changed

    constexpr bytes_view() noexcept = default;
    /// Views `size` bytes from `data` on.
    bytes_view(const void* data, std::size_t size) noexcept
        : data_{static_cast<const unsigned char*>(data)}, size_{size} {}
    /// Views a text up to its first NUL.
    bytes_view(const char* text) noexcept : bytes_view{text, std::strlen(text)} {}

    /// Views the elements of a range.
    template <byte_container Bytes>
    bytes_view(const Bytes& bytes) noexcept : bytes_view{std::data(bytes), std::size(bytes)} {}

    const unsigned char* data() const noexcept { return data_; }  ///< returns a pointer to the first byte
    std::size_t size() const noexcept { return size_; }           ///< returns the number of bytes
    bool empty() const noexcept { return size_ == 0; }            ///< true if there are no bytes
    const_iterator begin() const noexcept { return data_; }       ///< returns the position of the first byte
    const_iterator end() const noexcept { return data_ + size_; } ///< returns the position after the last byte
    /// Returns the byte at `index`, which is less than `size()`.
    unsigned char operator[](std::size_t index) const noexcept { return data_[index]; }

    /// Returns the first bytes, at most `count`.
    bytes_view first(std::size_t count) const noexcept { return {data_, count < size_ ? count : size_}; }
    /// Returns the last bytes, at most `count`.
    bytes_view last(std::size_t count) const noexcept { return from(count < size_ ? size_ - count : 0); }

    /// Returns the bytes after the first `offset`; empty if there are none.
    bytes_view from(std::size_t offset) const noexcept {
        return offset < size_ ? bytes_view{data_ + offset, size_ - offset} : bytes_view{};
    }

    /// Returns the same bytes as characters.
    std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }

    friend bool operator==(bytes_view a, bytes_view b) noexcept { return a.text() == b.text(); }

private:
    const unsigned char* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Returns a copy of the bytes.
inline std::string to_string(bytes_view bytes) {
    return std::string{bytes.text()};
}

/// Returns the bytes as one line of printable ASCII for logs and terminals: `\n`, `\r`, `\t` and `\\` by name, every other
/// byte outside 0x20…0x7E as `\xHH`. Input after the first `limit` bytes is shown as `... (N more)`.
///
///     const std::string line = escape("a\x01\n");      // seven characters: a\x01\n
///
/// For a reader with a terminal of UTF-8, `printable` keeps its text.
std::string escape(bytes_view bytes, std::size_t limit = 256);

} // namespace fairlead

template <>
inline constexpr bool std::ranges::enable_borrowed_range<fairlead::bytes_view> = true;
template <>
inline constexpr bool std::ranges::enable_view<fairlead::bytes_view> = true;
