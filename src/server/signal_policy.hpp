#pragma once

#include <csignal>
#include <utility>

namespace fairlead {

/// What a server does about a signal.
enum class signal_response {
    report,  ///< log statistics and sessions
    stop,    ///< gracefully
    cut_off, ///< close at once what has not ended
    nothing,
};

/// Decides what a signal asks for: the first of SIGINT, SIGTERM and SIGHUP stops the server, another SIGINT or SIGTERM
/// cuts off what is left.
///
/// Thread safety: one thread.
class signal_policy {
public:
    signal_response respond_to(int number) noexcept {
        if (number == SIGUSR1)
            return signal_response::report;
        if (!std::exchange(stopping_, true))
            return signal_response::stop;
        return number == SIGHUP ? signal_response::nothing : signal_response::cut_off;
    }

private:
    bool stopping_ = false;
};

} // namespace fairlead
