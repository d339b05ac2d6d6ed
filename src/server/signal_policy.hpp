#pragma once

#include <csignal>
#include <cstdint>

namespace fairlead {

/// The response of a server to a signal.
enum class signal_response {
    report,  ///< log statistics and sessions
    reload,  ///< read configuration again
    stop,    ///< gracefully
    cut_off, ///< end the remaining work at once
    nothing,
};

/// The meaning of SIGHUP while the server serves.
enum class hangup : std::uint8_t { stops, reloads };

/// Decides the response to a signal: the first of SIGINT, SIGTERM and SIGHUP stops the server, a second SIGINT
/// or SIGTERM cuts off the remaining work. If SIGHUP reloads, it never stops, and has no effect after a stop.
///
///     serving ──SIGHUP──▶ hung_up ──SIGINT, SIGTERM──▶ stopping ──SIGINT, SIGTERM──▶ cut off
///        └───────────SIGINT, SIGTERM───────────────────▲
///
/// SIGHUP never counts as the second: systemd sends it right after SIGTERM (SendSIGHUP=), and the system
/// delivers the one with the lower number first.
///
/// Thread safety: one thread.
class signal_policy {
public:
    explicit signal_policy(hangup meaning = hangup::stops) noexcept : hangup_{meaning} {}

    signal_response respond_to(int number) noexcept {
        const state before = state_;
        switch (number) {
        case SIGUSR1: return signal_response::report;
        case SIGHUP:
            if (before != state::serving)
                return signal_response::nothing;
            if (hangup_ == hangup::reloads)
                return signal_response::reload;
            state_ = state::hung_up;
            return signal_response::stop;
        default:
            state_ = state::stopping;
            return before == state::serving   ? signal_response::stop
                   : before == state::hung_up ? signal_response::nothing
                                              : signal_response::cut_off;
        }
    }

private:
    enum class state : std::uint8_t { serving, hung_up, stopping };

    hangup hangup_;
    state state_ = state::serving;
};

} // namespace fairlead
