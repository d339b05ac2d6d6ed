#include "file_transfer/plain_header.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

namespace fairlead::file_transfer {

namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

bool is_digit(unsigned char byte) noexcept {
    return byte >= '0' && byte <= '9';
}

// Returns the least number of leading digits for which `suits` returns true. `suits` gets their value and the number of
// digits left to the file. Values of more than 64 bits never suit.
template <class Suits>
std::optional<std::size_t> find_split(std::string_view digits, Suits suits) {
    std::uint64_t size = 0;
    for (std::size_t i = 0; i != digits.size(); ++i) {
        const auto digit = static_cast<std::uint64_t>(digits[i] - '0');
        if (size > (largest - digit) / 10)
            return {};
        size = size * 10 + digit;
        if (suits(size, digits.size() - i - 1))
            return i + 1;
    }
    return {};
}

} // namespace

plain_header::plain_header(std::string separator) : separator_{std::move(separator)} {
    if (separator_.empty())
        throw std::invalid_argument{"the separator between a file's name and its size must not be empty"};
}

std::size_t plain_header::feed(bytes_view bytes) {
    std::size_t taken = 0;
    while (state_ == state::incomplete && taken != bytes.size() && take(bytes[taken]))
        ++taken;
    return taken;
}

bool plain_header::take(unsigned char byte) {
    if (!after_separator_) {
        take_of_name(byte);
        return true;
    }
    if (!is_digit(byte)) {
        end();
        return false;
    }
    digits_ += static_cast<char>(byte);
    if (digits_.size() == max_digits)
        state_ = state::complete;
    return true;
}

void plain_header::take_of_name(unsigned char byte) {
    name_ += static_cast<char>(byte);
    if (name_.ends_with(separator_)) {
        name_.resize(name_.size() - separator_.size());
        after_separator_ = true;
    } else if (name_.size() == max_name + separator_.size()) {
        fail("no separator within the first 4096 bytes of the name");
    }
}

void plain_header::end() noexcept {
    if (state_ != state::incomplete)
        return;
    if (!after_separator_)
        fail("the stream ended before the separator of name and size");
    else if (digits_.empty())
        fail("no size follows the separator");
    else
        state_ = state::complete;
}

void plain_header::fail(std::string_view why) noexcept {
    fault_ = why;
    state_ = state::wrong;
}

std::optional<std::size_t> plain_header::split(std::uint64_t following) const noexcept {
    return find_split(digits_,
                      [=](std::uint64_t size, std::size_t left) { return size >= left && size - left == following; });
}

bool plain_header::possible(std::uint64_t following, std::uint64_t limit) const noexcept {
    return find_split(digits_,
                      [=](std::uint64_t size, std::size_t left) {
                          return size <= limit && size >= left && size - left >= following;
                      })
        .has_value();
}

} // namespace fairlead::file_transfer
