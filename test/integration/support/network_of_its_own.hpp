#pragma once

#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <net/if.h>
#include <optional>
#include <sched.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace fairlead::test {

/// A setting of this thread's network, such as "ipv6/bindv6only" (sysctl(8), net.*).
inline bool set_network(const std::string& name, const std::string& value) {
    std::ofstream setting{"/proc/sys/net/" + name};
    setting << value << std::flush;
    return setting.good();
}

/// Runs `work` on a thread in a network namespace where nothing is but a loopback, and gives why that was not possible,
/// if so (network_namespaces(7): it takes privileges).
template <class Work>
std::optional<std::string> in_a_network_of_its_own(Work work) {
    std::optional<std::string> impossible;
    std::exception_ptr thrown;
    std::thread{[&] {
        if (::unshare(CLONE_NEWNET) != 0) {
            impossible = "no network of its own: " + std::system_category().message(errno);
            return;
        }
        const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ::ifreq loopback{};
        std::strcpy(loopback.ifr_name, "lo");
        loopback.ifr_flags = IFF_UP;
        const bool up = ::ioctl(any, SIOCSIFFLAGS, &loopback) == 0;
        ::close(any);
        if (!up) {
            impossible = "no loopback in a network of its own";
            return;
        }
        try {
            work();
        } catch (...) {
            thrown = std::current_exception();
        }
    }}.join();
    if (thrown)
        std::rethrow_exception(thrown);
    return impossible;
}

} // namespace fairlead::test
