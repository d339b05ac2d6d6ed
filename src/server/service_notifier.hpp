#pragma once

#include "core/unique_descriptor.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <sys/un.h>

namespace fairlead {

/// Reports the states of a server to the service manager (sd_notify(3)).
///
/// Thread safety: any thread.
class service_notifier {
public:
    /// Returns the notifier for $NOTIFY_SOCKET, a path or `@NAME`; null if it is not set or cannot be used,
    /// which is logged.
    static std::unique_ptr<service_notifier> from_environment();

    /// Returns the time within which the service manager expects a sign of life ($WATCHDOG_USEC,
    /// $WATCHDOG_PID); 0: it expects none.
    static std::chrono::microseconds watchdog_timeout() noexcept;

    /// Sends lines; returns false if the service manager is not reached. Never blocks.
    bool send(std::string_view lines) const noexcept;

private:
    service_notifier(unique_descriptor socket, const ::sockaddr_un& address, std::size_t size) noexcept
        : socket_{std::move(socket)}, address_{address}, size_{size} {}

    unique_descriptor socket_; // opened at the start: there may be no descriptor later
    ::sockaddr_un address_;
    std::size_t size_;
};

} // namespace fairlead
