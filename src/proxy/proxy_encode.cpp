#include "core/address_bytes.hpp"
#include "proxy/proxy_parts.hpp"

#include <algorithm>
#include <cstring>
#include <sys/un.h>

namespace fairlead {

namespace {

constexpr std::size_t path_size = 108;

enum : unsigned char { v2_local = 0x20, v2_proxy = 0x21 };

void append_number(std::string& to, std::size_t number) {
    to += static_cast<char>(number >> 8 & 0xFF);
    to += static_cast<char>(number & 0xFF);
}

std::string unix_path(const endpoint& of) {
    ::sockaddr_un address{};
    std::memcpy(&address, of.data(), std::min(of.size(), sizeof address));
    return {address.sun_path, path_size};
}

// Returns an address as one of IPv6, for a connection whose other end is IPv6. An address of IPv4 becomes
// IPv4-mapped.
std::string as_v6(const endpoint& of) {
    const std::string bytes = to_string(address_bytes(of));
    return bytes.size() == 16 ? bytes : std::string(10, '\0') + "\xFF\xFF" + bytes;
}

// The family, and the addresses and ports.
struct v2_ends {
    unsigned char family = 0;
    std::string bytes = {};
};

v2_ends ends_of(const proxied_connection& connection) {
    const endpoint& source = connection.source;
    const endpoint& destination = connection.destination;
    const unsigned char protocol = source.transport() == transport::udp ? 2 : 1;
    const bool is_unix = source.family() == AF_UNIX && destination.family() == AF_UNIX;
    const auto is_inet = [](const endpoint& each) { return each.family() == AF_INET || each.family() == AF_INET6; };
    if (is_unix)
        return {static_cast<unsigned char>(0x30 | protocol), unix_path(source) + unix_path(destination)};
    if (!is_inet(source) || !is_inet(destination))
        return {};
    const bool both_v4 = source.family() == AF_INET && destination.family() == AF_INET;
    v2_ends made{.family = static_cast<unsigned char>((both_v4 ? 0x10 : 0x20) | protocol)};
    made.bytes = both_v4 ? to_string(address_bytes(source)) + to_string(address_bytes(destination))
                         : as_v6(source) + as_v6(destination);
    append_number(made.bytes, source.port());
    append_number(made.bytes, destination.port());
    return made;
}

} // namespace

std::string encode_proxy_header(proxy_version version, const std::optional<proxied_connection>& connection) {
    if (version == proxy_version::v1)
        return encode_proxy_v1(connection);
    const v2_ends ends = connection ? ends_of(*connection) : v2_ends{};
    std::string made{proxy_signature_v2};
    made += static_cast<char>(connection ? v2_proxy : v2_local);
    made += static_cast<char>(ends.family);
    append_number(made, ends.bytes.size());
    return made + ends.bytes;
}

} // namespace fairlead
