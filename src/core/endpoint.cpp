#include <fairlead/endpoint.hpp>

#include <fairlead/bytes.hpp>
#include <fairlead/url.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <string_view>
#include <sys/un.h>

namespace fairlead {

namespace {

constexpr std::size_t path_offset = offsetof(::sockaddr_un, sun_path);

// The IPv4 address that an IPv6 one stands for.
::sockaddr_in unmapped(const ::sockaddr_in6& six) {
    ::sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = six.sin6_port;
    std::memcpy(&four.sin_addr, six.sin6_addr.s6_addr + 12, sizeof four.sin_addr);
    return four;
}

std::string printable(std::string_view text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
    return plain ? std::string{text} : escape(text);
}

} // namespace

endpoint::endpoint(const ::sockaddr* address, std::size_t size, fairlead::transport transport) noexcept
    : transport_{transport} {
    static_assert(sizeof storage_ >= sizeof(::sockaddr_in6) && sizeof storage_ >= sizeof(::sockaddr_un));
    static_assert(alignof(endpoint) >= alignof(::sockaddr_in6) && alignof(endpoint) >= alignof(::sockaddr_un));
    size_ = static_cast<std::uint8_t>(std::min(size, sizeof storage_));
    std::memcpy(storage_, address, size_);
    if (family() == AF_UNIX)
        transport_ = transport::unix_stream;

    const auto* const six = reinterpret_cast<const ::sockaddr_in6*>(storage_);
    if (family() == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        const ::sockaddr_in four = unmapped(*six);
        size_ = sizeof four;
        std::memset(storage_, 0, sizeof storage_);
        std::memcpy(storage_, &four, sizeof four);
    }
}

int endpoint::family() const noexcept {
    return size_ == 0 ? AF_UNSPEC : data()->sa_family;
}

std::string endpoint::address() const {
    char text[INET6_ADDRSTRLEN] = {};
    switch (family()) {
    case AF_INET:
        return ::inet_ntop(AF_INET, &reinterpret_cast<const ::sockaddr_in*>(storage_)->sin_addr, text, sizeof text);
    case AF_INET6:
        return ::inet_ntop(AF_INET6, &reinterpret_cast<const ::sockaddr_in6*>(storage_)->sin6_addr, text, sizeof text);
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
        return "@" + printable({begin + 1, room - 1});
    return printable({begin, ::strnlen(begin, room)});
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
        return path.empty() ? "unix:unnamed" : url{.transport = transport::unix_stream, .path = path}.to_string();
    }
    default: return url{.transport = transport_, .host = address(), .port = port()}.to_string();
    }
}

bool operator==(const endpoint& a, const endpoint& b) noexcept {
    return a.transport_ == b.transport_ && a.size_ == b.size_ &&
           std::equal(a.storage_, a.storage_ + a.size_, b.storage_);
}

} // namespace fairlead
