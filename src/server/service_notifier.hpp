#pragma once

#include "core/unique_descriptor.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <sys/un.h>

namespace fairlead {

/// Tells the service manager of the states of a server (sd_notify(3)).
///
/// Thread safety: any thread.
class service_notifier {
public:
    /// The one that $NOTIFY_SOCKET names, by a path or by `@NAME`; null if it is not set or cannot be used, which is logged.
    static std::unique_ptr<service_notifier> from_environment();

    /// How long the service manager waits for a sign of life ($WATCHDOG_USEC, $WATCHDOG_PID); 0: it does not.
    static std::chrono::microseconds watchdog_timeout() noexcept;

    /// Sends lines; false if it is not reached. Never blocks.
    bool send(std::string_view lines) const noexcept;

private:
    service_notifier(unique_descriptor socket, const ::sockaddr_un& address, std::size_t size) noexcept
        : socket_{std::move(socket)}, address_{address}, size_{size} {}

    unique_descriptor socket_; // opened at the start, for there may be no descriptor later
    ::sockaddr_un address_;
    std::size_t size_;
};

} // namespace fairlead
