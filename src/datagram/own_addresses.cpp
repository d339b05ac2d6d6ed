#include "datagram/own_addresses.hpp"

#include <algorithm>
#include <ifaddrs.h>
#include <memory>

namespace fairlead {

namespace {

constexpr std::chrono::seconds lifetime{1};

std::size_t size_of(const ::sockaddr& address) noexcept {
    return address.sa_family == AF_INET ? sizeof(::sockaddr_in) : sizeof(::sockaddr_in6);
}

std::vector<endpoint> ask() {
    std::vector<endpoint> found;
    ::ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0)
        return found;
    const std::unique_ptr<::ifaddrs, decltype(&::freeifaddrs)> owner{first, &::freeifaddrs};
    for (const ::ifaddrs* each = first; each; each = each->ifa_next) {
        const ::sockaddr* const address = each->ifa_addr;
        if (address && (address->sa_family == AF_INET || address->sa_family == AF_INET6))
            found.emplace_back(address, size_of(*address));
    }
    return found;
}

// Compares addresses without their ports and interfaces.
bool same_host(const endpoint& a, const endpoint& b) noexcept {
    if (a.family() != b.family())
        return false;
    if (a.family() == AF_INET6)
        return IN6_ARE_ADDR_EQUAL(&reinterpret_cast<const ::sockaddr_in6*>(a.data())->sin6_addr,
                                  &reinterpret_cast<const ::sockaddr_in6*>(b.data())->sin6_addr);
    return reinterpret_cast<const ::sockaddr_in*>(a.data())->sin_addr.s_addr ==
           reinterpret_cast<const ::sockaddr_in*>(b.data())->sin_addr.s_addr;
}

} // namespace

bool own_addresses::sent(const datagram_path& path, time_point now) {
    if (asked_ == time_point{} || now - asked_ > lifetime) {
        known_ = ask();
        asked_ = now;
    }
    const endpoint remote = path.remote_endpoint();
    return std::any_of(known_.begin(), known_.end(), [&](const endpoint& each) { return same_host(each, remote); });
}

} // namespace fairlead
