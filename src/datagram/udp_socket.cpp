#include "datagram/udp_socket.hpp"

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <sys/socket.h>

namespace fairlead {

std::size_t max_payload(const datagram_path& to) noexcept {
    return max_payload(to.remote.sin6_family == AF_INET || IN6_IS_ADDR_V4MAPPED(&to.remote.sin6_addr));
}

bool supports_gso(int socket) noexcept {
    int size = 0;
    ::socklen_t length = sizeof size;
    return ::getsockopt(socket, IPPROTO_UDP, UDP_SEGMENT, &size, &length) == 0;
}

void close_to_datagrams(int socket) noexcept {
    ::sock_filter drop[] = {{BPF_RET | BPF_K, 0, 0, 0}};
    const ::sock_fprog program{1, drop};
    ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

std::optional<std::uint32_t> count_drops(int socket) noexcept {
    std::uint32_t memory[SK_MEMINFO_VARS] = {};
    ::socklen_t length = sizeof memory;
    if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, memory, &length) != 0 || length < sizeof memory)
        return {};
    return memory[SK_MEMINFO_DROPS];
}

} // namespace fairlead
