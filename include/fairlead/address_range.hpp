#pragma once

#include <fairlead/api.hpp>
#include <fairlead/endpoint.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// A range of IP addresses in CIDR notation (RFC 4632, RFC 4291), or the peers on Unix sockets.
///
///     const address_range inside = address_range::parse("10.0.0.0/8");
///     const bool is_inside = inside.contains(session.remote());
///
/// An address without a prefix length is a range of one: `192.0.2.1`, `2001:db8::1`. IPv4-mapped ranges (`::ffff:10.0.0.0/104`)
/// are stored as IPv4; other ranges of IPv6 contain no IPv4 address, so all addresses are `0.0.0.0/0` and `::/0`. `unix:`
/// contains each peer on a Unix socket and nothing else.
class address_range {
public:
    /// Reads a range. Looks up no names.
    ///
    /// Errors: throws std::invalid_argument with advice for a text that is no range, a prefix length above that of the address,
    /// and an address with bits set after its prefix, as `10.0.0.1/8` has.
    static address_range parse(std::string_view text);

    /// Returns true if the address lies in the range. Ports and zones are ignored.
    bool contains(const endpoint& address) const noexcept;

    int family() const noexcept { return family_; } ///< AF_INET, AF_INET6 or AF_UNIX

    /// Returns the range as `parse` reads it: `10.0.0.0/8`, `192.0.2.1`, `unix:`.
    std::string to_string() const;

    friend bool operator==(const address_range&, const address_range&) = default; ///< true for the same range

private:
    address_range(int family, const std::array<unsigned char, 16>& base, unsigned bits) noexcept
        : base_{base}, family_{family}, bits_{bits} {}

    std::array<unsigned char, 16> base_; // all others are zero
    int family_;
    unsigned bits_; // of the prefix
};

} // namespace fairlead
