#include "file_transfer/digest.hpp"

#include <algorithm>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace fairlead::file_transfer {

namespace {

constexpr char digits[] = "0123456789abcdef";
constexpr std::size_t digits_of_half = 16;

digest from(XXH128_hash_t hash) noexcept {
    return {hash.high64, hash.low64};
}

} // namespace

std::string digest::to_string() const {
    std::string text(2 * digits_of_half, '0');
    for (std::size_t i = 0; i != digits_of_half; ++i) {
        text[digits_of_half - 1 - i] = digits[high >> 4 * i & 0x0F];
        text[2 * digits_of_half - 1 - i] = digits[low >> 4 * i & 0x0F];
    }
    return text;
}

std::optional<digest> digest::parse(std::string_view text) {
    if (text.size() != 2 * digits_of_half)
        return {};
    digest value;
    for (std::size_t i = 0; i != text.size(); ++i) {
        const std::size_t digit = std::string_view{digits}.find(text[i]);
        if (digit == std::string_view::npos)
            return {};
        std::uint64_t& half = i < digits_of_half ? value.high : value.low;
        half = half << 4 | digit;
    }
    return value;
}

struct hasher::state {
    state() noexcept { XXH3_128bits_reset(&xxh3); }

    XXH3_state_t xxh3; // needs an alignment of 64 bytes, which `new` provides
};

hasher::hasher() : state_{std::make_unique<state>()} {}
hasher::hasher(const hasher& other) : state_{other.state_ ? std::make_unique<state>(*other.state_) : nullptr} {}
hasher::hasher(hasher&& other) noexcept = default;
hasher::~hasher() = default;

hasher& hasher::operator=(hasher other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

void hasher::reset() noexcept {
    XXH3_128bits_reset(&state_->xxh3);
}

void hasher::update(bytes_view bytes) noexcept {
    if (!bytes.empty()) // the address of an empty view may be null
        XXH3_128bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

digest hasher::value() const noexcept {
    return from(XXH3_128bits_digest(&state_->xxh3));
}

digest digest_of(bytes_view bytes) noexcept {
    return from(XXH3_128bits(bytes.data(), bytes.size()));
}

std::uint64_t check_of(bytes_view bytes) noexcept {
    return XXH3_64bits(bytes.data(), bytes.size());
}

} // namespace fairlead::file_transfer
