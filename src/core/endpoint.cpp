#include <fairlead/endpoint.hpp>

#include "core/control_character.hpp"
#include "core/zone.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/url.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <functional>
#include <net/if.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/un.h>

namespace fairlead {

namespace {

constexpr std::size_t path_offset = offsetof(::sockaddr_un, sun_path);

// Returns the IPv4 address of an IPv4-mapped IPv6 address.
::sockaddr_in unmapped(const ::sockaddr_in6& six) {
    ::sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = six.sin6_port;
    std::memcpy(&four.sin_addr, six.sin6_addr.s6_addr + 12, sizeof four.sin_addr);
    return four;
}

// Returns the text as in a URL, which has no control characters.
std::string shown(std::string_view text) {
    return has_control_characters(text) ? escape(text) : std::string{text};
}

std::string zone_of(const ::sockaddr_in6& six) {
    if (six.sin6_scope_id == 0)
        return {};
    char name[IF_NAMESIZE] = {};
    return std::string{"%"} + (::if_indextoname(six.sin6_scope_id, name) ? name : std::to_string(six.sin6_scope_id));
}

} // namespace

endpoint::endpoint(const ::sockaddr* address, std::size_t size, fairlead::transport transport) noexcept
    : transport_{transport} {
    static_assert(sizeof storage_ >= sizeof(::sockaddr_in6) && sizeof storage_ >= sizeof(::sockaddr_un));
    static_assert(alignof(endpoint) >= alignof(::sockaddr_in6) && alignof(endpoint) >= alignof(::sockaddr_un));
    size_ = static_cast<std::uint8_t>(std::min(size, sizeof storage_));
    std::memcpy(storage_, address, size_);
    drop_what_is_no_address();
}

void endpoint::drop_what_is_no_address() noexcept {
    switch (family()) {
    case AF_UNIX: return cut_unix_path();
    case AF_INET: {
        ::sockaddr_in four = *reinterpret_cast<const ::sockaddr_in*>(storage_);
        std::memset(four.sin_zero, 0, sizeof four.sin_zero);
        return replace(&four, sizeof four);
    }
    case AF_INET6: {
        ::sockaddr_in6 six = *reinterpret_cast<const ::sockaddr_in6*>(storage_);
        const ::sockaddr_in four = unmapped(six);
        if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
            return replace(&four, sizeof four);
        six.sin6_flowinfo = 0;
        if (!may_have_zone(six.sin6_addr))
            six.sin6_scope_id = 0;
        return replace(&six, sizeof six);
    }
    default: return;
    }
}

// A path ends at its first zero byte, which is kept. A name has all the bytes that are given.
void endpoint::cut_unix_path() noexcept {
    transport_ = transport::unix_stream;
    if (size_ <= path_offset || storage_[path_offset] == '\0')
        return;
    const std::size_t room = size_ - path_offset;
    const std::size_t length = ::strnlen(reinterpret_cast<const char*>(storage_) + path_offset, room);
    std::memset(storage_ + path_offset + length, 0, sizeof storage_ - path_offset - length);
    size_ = static_cast<std::uint8_t>(std::min(path_offset + length + 1, sizeof storage_));
}

void endpoint::replace(const void* address, std::size_t size) noexcept {
    std::memset(storage_, 0, sizeof storage_);
    std::memcpy(storage_, address, size);
    size_ = static_cast<std::uint8_t>(size);
}

int endpoint::family() const noexcept {
    return size_ == 0 ? AF_UNSPEC : data()->sa_family;
}

std::string endpoint::address() const {
    char text[INET6_ADDRSTRLEN] = {};
    switch (family()) {
    case AF_INET:
        return ::inet_ntop(AF_INET, &reinterpret_cast<const ::sockaddr_in*>(storage_)->sin_addr, text, sizeof text);
    case AF_INET6: {
        const auto& six = *reinterpret_cast<const ::sockaddr_in6*>(storage_);
        return ::inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text) + zone_of(six);
    }
    case AF_UNIX: return unix_address();
    default: return {};
    }
}

// A path ends at its zero, if it has one; a name begins with a zero and may hold more of them.
std::string endpoint::unix_address() const {
    if (size_ <= path_offset)
        return {};
    const char* const begin = reinterpret_cast<const char*>(storage_) + path_offset;
    const std::size_t room = size_ - path_offset;
    if (*begin == '\0')
        return "@" + shown({begin + 1, room - 1});
    return shown({begin, ::strnlen(begin, room)});
}

std::uint16_t endpoint::port() const noexcept {
    // sin_port and sin6_port share their place.
    const bool has_port = family() == AF_INET || family() == AF_INET6;
    return has_port ? ntohs(reinterpret_cast<const ::sockaddr_in*>(storage_)->sin_port) : std::uint16_t{0};
}

std::string endpoint::to_string() const {
    switch (family()) {
    case AF_UNSPEC: return "-";
    case AF_UNIX: {
        const std::string path = unix_address();
        if (path.empty())
            return "unix:unnamed";
        const bool relative = storage_[path_offset] != '\0' && storage_[path_offset] != '/';
        return (tls_ ? "tls+unix:" : "unix:") + std::string{relative ? "./" : "//"} + path;
    }
    default: break;
    }
    const url named{.transport = transport_,
                    .tls = tls_,
                    .websocket = websocket_,
                    .host = address(),
                    .port = port(),
                    .path = websocket_ ? "/" : ""};
    return named.to_string();
}

bool operator==(const endpoint& a, const endpoint& b) noexcept {
    return a.transport_ == b.transport_ && a.tls_ == b.tls_ && a.websocket_ == b.websocket_ && a.size_ == b.size_ &&
           std::equal(a.storage_, a.storage_ + a.size_, b.storage_);
}

std::strong_ordering operator<=>(const endpoint& a, const endpoint& b) noexcept {
    if (a.transport_ != b.transport_)
        return a.transport_ <=> b.transport_;
    if (a.tls_ != b.tls_)
        return a.tls_ <=> b.tls_;
    if (a.websocket_ != b.websocket_)
        return a.websocket_ <=> b.websocket_;
    return std::string_view{reinterpret_cast<const char*>(a.storage_), a.size_} <=>
           std::string_view{reinterpret_cast<const char*>(b.storage_), b.size_};
}

std::size_t endpoint::hash() const noexcept {
    const std::size_t address = std::hash<std::string_view>{}({reinterpret_cast<const char*>(storage_), size_});
    return address * 12 + static_cast<std::size_t>(transport_) * 4 + (tls_ ? 2 : 0) + (websocket_ ? 1 : 0);
}

} // namespace fairlead
