#include "interruption.hpp"

#include <csignal>
#include <cstdlib>

namespace fairlead::command {

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not wait for a lock");

void note(int) {
    interrupted.store(true);
}

} // namespace

const std::atomic<bool>& note_interruption() {
    struct ::sigaction before = {};
    if (::sigaction(SIGINT, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
        struct ::sigaction once = {};
        once.sa_handler = note;
        once.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
        ::sigaction(SIGINT, &once, nullptr);
    }
    return interrupted;
}

void end_by_interruption() {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
    std::_Exit(130); // where it is blocked
}

} // namespace fairlead::command
