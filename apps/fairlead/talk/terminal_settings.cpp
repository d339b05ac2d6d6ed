#include "talk/terminal_settings.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <termios.h>
#include <unistd.h>

namespace fairlead::command {

namespace {

::termios found_settings;
std::atomic<byte_pipe*> terminal_changes{nullptr};
static_assert(std::atomic<byte_pipe*>::is_always_lock_free, "a signal handler may not wait for a lock");

constexpr int once =
    static_cast<int>(SA_RESETHAND | SA_NODEFER); // the same signal, raised in the handler, has its usual effect

// In the background the terminal belongs to another process, and setting it would stop this one.
void put_back() {
    const ::pid_t foreground = ::tcgetpgrp(STDIN_FILENO);
    if (foreground < 0 || foreground == ::getpgrp())
        ::tcsetattr(STDIN_FILENO, TCSANOW, &found_settings);
}

void handle(int number, void (*handler)(int), int flags) {
    struct ::sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    ::sigaction(number, &action, nullptr);
}

void note_change(int number) {
    terminal_changes.load()->put(static_cast<unsigned char>(number));
}

void put_back_and_end(int number) {
    put_back();
    ::raise(number);
}

// Where no process could continue this one, SIGTSTP has no effect, and no SIGCONT follows.
void put_back_and_stop(int number) {
    const int before = errno;
    put_back();
    ::raise(number);
    handle(number, put_back_and_stop, once | SA_RESTART);
    note_change(SIGCONT);
    errno = before;
}

} // namespace

terminal_settings::terminal_settings(byte_pipe& changes) {
    ::tcgetattr(STDIN_FILENO, &found_settings);
    terminal_changes = &changes;
    for (std::size_t index = 0; index != signals.size(); ++index) {
        const int number = signals[index];
        ::sigaction(number, nullptr, &before_[index]);
        if (before_[index].sa_handler == SIG_IGN)
            continue;
        if (number == SIGTSTP)
            handle(number, put_back_and_stop, once | SA_RESTART);
        else if (number == SIGCONT || number == SIGWINCH)
            handle(number, note_change, SA_RESTART);
        else
            handle(number, put_back_and_end, once);
    }
}

terminal_settings::~terminal_settings() {
    for (std::size_t index = 0; index != signals.size(); ++index)
        ::sigaction(signals[index], &before_[index], nullptr);
    put_back();
}

} // namespace fairlead::command
