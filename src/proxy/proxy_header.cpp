// Version 2, which is binary; proxy_line.cpp has version 1.

#include "proxy/proxy_header.hpp"

#include "proxy/crc32c.hpp"
#include "proxy/proxy_parts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace fairlead {

namespace {

constexpr std::size_t v2_head_size = 16; // the signature, the version, the family, the length
constexpr std::size_t unix_path_size = 108;

enum v2_command : unsigned { local_command = 0, proxy_command = 1 };
enum v2_family : unsigned { v2_unspecified = 0, v2_inet = 1, v2_inet6 = 2, v2_unix = 3 };
enum v2_protocol : unsigned { unspecified_protocol = 0, of_streams = 1, of_datagrams = 2 };

enum tlv_type : unsigned {
    tlv_alpn = 0x01,
    tlv_authority = 0x02,
    tlv_crc32c = 0x03,
    tlv_unique_id = 0x05,
    tlv_ssl = 0x20,
    tlv_ssl_version = 0x21,
    tlv_ssl_common_name = 0x22,
};

constexpr std::size_t tlv_head = 3;
constexpr std::size_t max_unique_id = 128;

enum tls_flags : unsigned { flag_tls = 1, flag_certificate = 2, flag_certificate_of_session = 4 };

std::size_t number_at(bytes_view bytes, std::size_t at) noexcept {
    return bytes[at] * std::size_t{256} + bytes[at + 1];
}

endpoint inet_endpoint(bytes_view address, std::size_t port, transport by) {
    if (address.size() == 4) {
        ::sockaddr_in made{};
        made.sin_family = AF_INET;
        made.sin_port = htons(static_cast<std::uint16_t>(port));
        std::memcpy(&made.sin_addr, address.data(), 4);
        return {reinterpret_cast<const ::sockaddr*>(&made), sizeof made, by};
    }
    ::sockaddr_in6 made{};
    made.sin6_family = AF_INET6;
    made.sin6_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&made.sin6_addr, address.data(), 16);
    return {reinterpret_cast<const ::sockaddr*>(&made), sizeof made, by};
}

// A path ends at its first zero; a name of the abstract namespace begins with one and ends before the zeros at the end.
endpoint unix_endpoint(bytes_view path) {
    ::sockaddr_un made{};
    made.sun_family = AF_UNIX;
    std::memcpy(made.sun_path, path.data(), unix_path_size);
    std::size_t size = 0;
    if (path[0] != 0)
        size = static_cast<std::size_t>(std::find(path.begin(), path.end(), 0) - path.begin());
    else
        for (std::size_t i = 0; i < path.size(); ++i)
            size = path[i] != 0 ? i + 1 : size;
    return {reinterpret_cast<const ::sockaddr*>(&made), offsetof(::sockaddr_un, sun_path) + size};
}

proxied_connection read_addresses(bytes_view bytes, unsigned of, transport by) {
    if (of == v2_unix)
        return {unix_endpoint(bytes.first(unix_path_size)),
                unix_endpoint(bytes.from(unix_path_size).first(unix_path_size))};
    const std::size_t width = of == v2_inet ? 4 : 16;
    return {inet_endpoint(bytes.first(width), number_at(bytes, 2 * width), by),
            inet_endpoint(bytes.from(width).first(width), number_at(bytes, 2 * width + 2), by)};
}

constexpr std::size_t addresses_size(unsigned of) noexcept {
    return of == v2_inet ? 12 : of == v2_inet6 ? 36 : of == v2_unix ? 2 * unix_path_size : 0;
}

/// Visits the fields of type, length and value. `take(type, value)` returns a fault, or none.
template <class Take>
std::string_view for_each_tlv(bytes_view bytes, Take take) {
    while (!bytes.empty()) {
        if (bytes.size() < tlv_head || bytes.size() - tlv_head < number_at(bytes, 1))
            return "a value in the PROXY header is longer than the header";
        const bytes_view value = bytes.from(tlv_head).first(number_at(bytes, 1));
        if (const std::string_view fault = take(bytes[0], value); !fault.empty())
            return fault;
        bytes = bytes.from(tlv_head + value.size());
    }
    return {};
}

std::string_view read_tls(bytes_view value, proxy_header& into) {
    constexpr std::size_t flags_and_verify = 5;
    if (value.size() < flags_and_verify)
        return "the value about TLS in the PROXY header is too short";
    const unsigned flags = value[0];
    const bytes_view verify = value.from(1).first(4);
    if ((flags & flag_tls) == 0)
        return {};
    proxied_tls& tls = into.tls.emplace();
    tls.client_has_certificate = (flags & (flag_certificate | flag_certificate_of_session)) != 0;
    tls.certificate_is_verified =
        tls.client_has_certificate && std::ranges::all_of(verify, [](unsigned char byte) { return byte == 0; });
    return for_each_tlv(value.from(flags_and_verify), [&tls](unsigned type, bytes_view part) -> std::string_view {
        if (type == tlv_ssl_version)
            tls.version = part.text();
        else if (type == tlv_ssl_common_name)
            tls.client_common_name = part.text();
        return {};
    });
}

// The checksum is that of the header with zeros in place of the checksum.
bool has_sum(bytes_view header, bytes_view sum) {
    const bytes_view before = header.first(static_cast<std::size_t>(sum.data() - header.data()));
    const bytes_view behind = header.from(before.size() + sum.size());
    static constexpr unsigned char zeros[4] = {};
    const std::uint32_t found = crc32c(behind, crc32c({zeros, 4}, crc32c(before)));
    return (number_at(sum, 0) << 16 | number_at(sum, 2)) == found;
}

std::string_view read_tlvs(bytes_view header, bytes_view tlvs, proxy_header& into) {
    return for_each_tlv(tlvs, [&](unsigned type, bytes_view value) -> std::string_view {
        switch (type) {
        case tlv_alpn: into.alpn = value.text(); break;
        case tlv_authority: into.authority = value.text(); break;
        case tlv_unique_id:
            if (value.size() > max_unique_id)
                return "the unique id in the PROXY header has more than 128 bytes";
            into.unique_id = value.text();
            break;
        case tlv_ssl: return read_tls(value, into);
        case tlv_crc32c:
            if (value.size() != 4 || !has_sum(header, value))
                return "the checksum of the PROXY header is wrong";
            break;
        default: break; // NOOP, and unknown types
        }
        return {};
    });
}

} // namespace

proxy_progress read_proxy_v2(bytes_view received, proxy_carrier carrier) {
    const auto refuse = [](std::string_view fault) { return proxy_progress{proxy_state::refused, {}, fault}; };
    constexpr std::size_t at_version = 12, at_family = 13, at_length = 14;
    if (received.size() > at_version && received[at_version] >> 4 != 2)
        return refuse("the PROXY header has an unknown version");
    if (received.size() > at_version && (received[at_version] & 0x0F) > proxy_command)
        return refuse("the PROXY header has an unknown command");
    if (received.size() < v2_head_size)
        return {};
    const bool is_local = (received[at_version] & 0x0F) == local_command;
    const unsigned of = received[at_family] >> 4, by = received[at_family] & 0x0F;
    const std::size_t length = number_at(received, at_length);
    if (v2_head_size + length > max_proxy_header_v2)
        return refuse("the PROXY header has more than 4096 bytes");
    if (!is_local && (of > v2_unix || by > of_datagrams))
        return refuse("the PROXY header has an unknown family");
    const bool is_specified = !is_local && of != v2_unspecified && by != unspecified_protocol;
    if (is_specified && (by == of_datagrams) != (carrier == proxy_carrier::datagram))
        return refuse("the PROXY header is for another transport");
    const std::size_t addresses = is_local ? 0 : addresses_size(of);
    if (length < addresses)
        return refuse("the PROXY header is too short for its addresses");
    if (received.size() < v2_head_size + length)
        return {};

    const bytes_view header = received.first(v2_head_size + length);
    proxy_progress done{.state = proxy_state::whole, .header = {.size = header.size()}};
    if (is_local)
        return done; // the rest of the header is to be ignored
    if (is_specified)
        done.header.connection =
            read_addresses(header.from(v2_head_size), of, by == of_datagrams ? transport::udp : transport::tcp);
    const std::string_view fault = read_tlvs(header, header.from(v2_head_size + addresses), done.header);
    return fault.empty() ? done : refuse(fault);
}

proxy_progress read_proxy_header(bytes_view received, proxy_carrier carrier) {
    const std::string_view text = received.text();
    const bool begins_v2 = proxy_signature_v2.starts_with(text.substr(0, proxy_signature_v2.size()));
    const bool begins_v1 = proxy_signature_v1.starts_with(text.substr(0, proxy_signature_v1.size()));
    proxy_progress progress;
    if (begins_v2)
        progress = read_proxy_v2(received, carrier);
    else if (begins_v1 && carrier == proxy_carrier::stream)
        progress = read_proxy_v1(received);
    else
        return {proxy_state::refused, {}, "the bytes do not begin with a PROXY header"};
    if (progress.state == proxy_state::incomplete && carrier == proxy_carrier::datagram)
        return {proxy_state::refused, {}, "the PROXY header is longer than its datagram"};
    return progress;
}

} // namespace fairlead
