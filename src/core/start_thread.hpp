#pragma once

#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace fairlead {

/// Starts a thread that runs `work`. Errors: throws std::system_error, whose text names the purpose
/// of the thread and the remedy.
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
