#pragma once

#include <fairlead/api.hpp>

#include <string_view>

namespace FAIRLEAD_API fairlead {

/// Sends lines of sd_notify(3) to the service manager that started this process, such as systemd with `Type=notify`. Returns
/// true if they were sent; false if the service manager asked for none (`$NOTIFY_SOCKET` is not set) or cannot be reached.
/// A server sends its own states; see `server_options::notify_service_manager`. Needs no libsystemd.
///
///     notify_service_manager("STATUS=12 orders wait for the bank");
///
/// Thread safety: any thread, as long as none changes the environment.
bool notify_service_manager(std::string_view lines) noexcept;

/// Tells the service manager that the program reads its configuration again, with the time (RELOADING=1, MONOTONIC_USEC=…).
/// `notify_reloaded` follows, whether the reload succeeded or not.
///
///     notify_reloading();
///     read_configuration();
///     notify_reloaded();
///
/// Returns and thread safety: as above.
bool notify_reloading() noexcept;

/// Tells the service manager that the reload has ended (READY=1).
bool notify_reloaded() noexcept;

} // namespace fairlead
