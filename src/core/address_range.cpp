#include <fairlead/address_range.hpp>

#include "core/address_bytes.hpp"
#include "core/whole_number.hpp"

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <optional>
#include <stdexcept>

namespace fairlead {

namespace {

using address_array = std::array<unsigned char, 16>;

constexpr std::string_view of_unix_sockets = "unix:";
constexpr unsigned mapped_bits = 96; // of ::ffff:0:0/96, the IPv4-mapped addresses

constexpr unsigned width_of(int family) noexcept {
    return family == AF_INET ? 32 : 128;
}

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw std::invalid_argument{"'" + escape(text) + "' " + why};
}

[[noreturn]] void refuse_as_no_range(std::string_view text) {
    refuse(text, "is no range of addresses; write an address or a CIDR, as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32, or "
                 "unix: for all peers on Unix sockets");
}

std::string to_text(int family, const address_array& base) {
    char text[INET6_ADDRSTRLEN] = {};
    return ::inet_ntop(family, base.data(), text, sizeof text);
}

// Reads decimal digits without leading zeros; nullopt for other text.
std::optional<unsigned> read_bits(std::string_view text) noexcept {
    return text.size() > 1 && text.front() == '0' ? std::nullopt : whole_number<unsigned>(text);
}

bool has_prefix(bytes_view address, const address_array& base, unsigned bits) noexcept {
    const std::size_t whole = bits / 8;
    if (!std::equal(base.begin(), base.begin() + whole, address.begin()))
        return false;
    const unsigned rest = bits % 8;
    return rest == 0 || (base[whole] ^ address[whole]) >> (8 - rest) == 0;
}

address_array cut(const address_array& base, unsigned bits) noexcept {
    address_array made{};
    std::copy_n(base.begin(), bits / 8, made.begin());
    if (bits % 8 != 0)
        made[bits / 8] = static_cast<unsigned char>(base[bits / 8] & (0xFF00 >> bits % 8));
    return made;
}

bool is_mapped(const address_array& base) noexcept {
    ::in6_addr six{};
    std::copy(base.begin(), base.end(), six.s6_addr);
    return IN6_IS_ADDR_V4MAPPED(&six);
}

} // namespace

address_range address_range::parse(std::string_view text) {
    if (text == of_unix_sockets)
        return {AF_UNIX, {}, 0};
    const std::size_t slash = text.find('/');
    const std::string address{text.substr(0, slash)};
    address_array base{};
    int family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
    if (address.find('\0') != std::string::npos || ::inet_pton(family, address.c_str(), base.data()) != 1)
        refuse_as_no_range(text);
    unsigned bits = width_of(family);
    if (slash != std::string_view::npos) {
        const auto given = read_bits(text.substr(slash + 1));
        if (!given || *given > bits)
            refuse(text, "has no prefix length from 0 to " + std::to_string(bits) + " behind its slash");
        bits = *given;
    }
    if (const address_array alone = cut(base, bits); alone != base)
        refuse(text, "has bits behind its prefix; write " + to_text(family, alone) + "/" + std::to_string(bits) +
                         ", or " + address + " for one address");
    if (family == AF_INET6 && is_mapped(base)) { // fewer bits than `mapped_bits` were refused above
        std::copy_n(base.begin() + mapped_bits / 8, 4, base.begin());
        std::fill(base.begin() + 4, base.end(), static_cast<unsigned char>(0));
        family = AF_INET;
        bits -= mapped_bits;
    }
    return {family, base, bits};
}

bool address_range::contains(const endpoint& address) const noexcept {
    return address.family() == family_ && (family_ == AF_UNIX || has_prefix(address_bytes(address), base_, bits_));
}

std::string address_range::to_string() const {
    if (family_ == AF_UNIX)
        return std::string{of_unix_sockets};
    const std::string base = to_text(family_, base_);
    return bits_ == width_of(family_) ? base : base + "/" + std::to_string(bits_);
}

} // namespace fairlead
