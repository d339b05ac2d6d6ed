#pragma once

#include <fairlead/bytes.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::file_transfer {

/// XXH3-128 of some bytes, seed 0.
struct digest {
    std::uint64_t high = 0, low = 0;

    friend bool operator==(const digest&, const digest&) = default;

    std::string to_string() const; ///< 32 lower-case hexadecimal digits, as xxh128sum(1) prints them
    static std::optional<digest> parse(std::string_view text);
};

/// Computes the digest of bytes that come piece by piece. A copy continues from the state of the original.
class hasher {
public:
    hasher();
    hasher(const hasher& other);
    hasher(hasher&& other) noexcept;
    hasher& operator=(hasher other) noexcept;
    ~hasher();

    void reset() noexcept; ///< begins anew
    void update(bytes_view bytes) noexcept;
    digest value() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

digest digest_of(bytes_view bytes) noexcept;

/// Returns XXH3-64, seed 0: the check of a piece of a file.
std::uint64_t check_of(bytes_view bytes) noexcept;

} // namespace fairlead::file_transfer
