#pragma once

#include "log/log.hpp"

#include <exception>
#include <string>

namespace fairlead {

/// What an exception says of itself.
inline std::string describe_exception(std::exception_ptr thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception of unknown type";
    }
}

/// Logs what an exception says of itself, if there is memory left for that.
inline void log_exception(std::exception_ptr thrown) noexcept {
    try {
        log_error(log_topic::exception, "an exception left a completion handler: " + describe_exception(thrown));
    } catch (...) {}
}

/// For coroutines that nobody waits for.
inline void log_if_thrown(std::exception_ptr thrown) noexcept {
    if (thrown)
        log_exception(thrown);
}

/// Runs `work`; an exception that leaves it is logged, and nothing else happens.
template <class Work>
void log_exceptions(Work&& work) noexcept {
    try {
        work();
    } catch (...) {
        log_exception(std::current_exception());
    }
}

/// The same for work that an exception interrupts and that goes on where it was: again and again until it returns.
template <class Work>
void log_exceptions_until_done(Work&& work) noexcept {
    bool returned = false;
    while (!returned) {
        log_exceptions([&] {
            work();
            returned = true;
        });
    }
}

} // namespace fairlead
