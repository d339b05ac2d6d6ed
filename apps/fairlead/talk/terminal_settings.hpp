#pragma once

#include "talk/byte_pipe.hpp"

#include <array>
#include <csignal>

namespace fairlead::command {

/// Keeps the settings of the terminal on stdin, and puts them back at the end of its life and when a signal ends or stops the
/// process. There is one at a time.
///
///     SIGHUP SIGINT SIGQUIT SIGABRT SIGTERM ──▶ put back, end by the signal
///     SIGTSTP ──▶ put back, stop                SIGCONT SIGWINCH ──▶ the number of the signal into `changes`
///
/// A signal that was ignored stays so.
class terminal_settings {
public:
    explicit terminal_settings(byte_pipe& changes);
    terminal_settings(const terminal_settings&) = delete;
    terminal_settings& operator=(const terminal_settings&) = delete;
    ~terminal_settings();

private:
    static constexpr std::array signals{SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH};

    std::array<struct ::sigaction, signals.size()> before_{};
};

} // namespace fairlead::command
