#pragma once

#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace fairlead {

/// A thread that runs `work`. Errors: throws std::system_error that says what the thread was for and what to do.
template <class Work>
std::jthread start_thread(const std::string& purpose, Work work) {
    try {
        return std::jthread{std::move(work)};
    } catch (const std::system_error& failed) {
        throw std::system_error{failed.code(), "cannot start a thread " + purpose +
                                                   "; ask for fewer threads or raise the user's limit (ulimit -u)"};
    }
}

} // namespace fairlead
