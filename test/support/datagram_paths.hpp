#pragma once

#include "datagram/datagram_path.hpp"

#include <arpa/inet.h>
#include <cstdint>
#include <cstring>
#include <string>

namespace fairlead::test {

/// The way of a datagram from an address of either family, to an address of ours if one is given.
inline datagram_path path_from(const std::string& address, std::uint16_t port, const std::string& to = {}) {
    datagram_path path;
    if (address.find(':') == std::string::npos) {
        ::sockaddr_in four{};
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        ::inet_pton(AF_INET, address.c_str(), &four.sin_addr);
        std::memcpy(&path.remote, &four, sizeof four);
        path.remote_size = sizeof four;
    } else {
        path.remote.sin6_family = AF_INET6;
        path.remote.sin6_port = htons(port);
        ::inet_pton(AF_INET6, address.c_str(), &path.remote.sin6_addr);
        path.remote_size = sizeof path.remote;
    }
    if (!to.empty()) {
        path.local.family = to.find(':') == std::string::npos ? AF_INET : AF_INET6;
        ::inet_pton(path.local.family, to.c_str(), &path.local.address);
    }
    return path;
}

inline endpoint udp_endpoint_at(const std::string& address, std::uint16_t port) {
    return path_from(address, port).remote_endpoint();
}

} // namespace fairlead::test
