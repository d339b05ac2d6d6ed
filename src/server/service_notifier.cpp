#include "server/service_notifier.hpp"

#include "core/environment.hpp"
#include "core/system_error.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"

#include <fairlead/service_manager.hpp>

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace fairlead {

namespace {

bool send_once(std::string_view lines) noexcept {
    bool sent = false;
    log_exceptions([&] {
        const auto notifier = service_notifier::from_environment();
        sent = notifier && notifier->send(lines);
    });
    return sent;
}

} // namespace

std::unique_ptr<service_notifier> service_notifier::from_environment() {
    const char* const value = std::getenv("NOTIFY_SOCKET");
    if (!value || !*value)
        return nullptr;
    const std::string_view path{value};
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if ((path.front() != '/' && path.front() != '@') || path.size() < 2 || path.size() >= sizeof address.sun_path) {
        log_warning("the service manager is not notified: NOTIFY_SOCKET is '" + std::string{path} +
                    "', which is neither an absolute path nor @NAME");
        return nullptr;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    const bool has_file = path.front() == '/';
    if (!has_file)
        address.sun_path[0] = '\0';
    const std::size_t size = offsetof(::sockaddr_un, sun_path) + path.size() + (has_file ? 1 : 0);
    unique_descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket) {
        log_warning("the service manager is not notified: " + last_system_error().message());
        return nullptr;
    }
    return std::unique_ptr<service_notifier>{new service_notifier{std::move(socket), address, size}};
}

std::chrono::microseconds service_notifier::watchdog_timeout() noexcept {
    const auto timeout = number_in("WATCHDOG_USEC").value_or(0);
    const char* const named = std::getenv("WATCHDOG_PID");
    const bool meant_for_us = !named || !*named || number_in("WATCHDOG_PID") == ::getpid();
    return std::chrono::microseconds{timeout > 0 && meant_for_us ? timeout : 0};
}

bool service_notifier::send(std::string_view lines) const noexcept {
    const auto sent = ::sendto(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const ::sockaddr*>(&address_), static_cast<::socklen_t>(size_));
    return sent == static_cast<::ssize_t>(lines.size());
}

bool notify_service_manager(std::string_view lines) noexcept {
    return send_once(lines);
}

bool notify_reloading() noexcept {
    ::timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    bool sent = false;
    log_exceptions([&] {
        const auto microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
        sent = send_once("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
    });
    return sent;
}

bool notify_reloaded() noexcept {
    return send_once("READY=1");
}

} // namespace fairlead
