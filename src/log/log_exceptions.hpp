#pragma once

#include "log/log.hpp"

#include <exception>
#include <string>

namespace fairlead {

/// Returns the text of an exception.
inline std::string describe_exception(std::exception_ptr thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception of unknown type";
    }
}

/// Logs the text of an exception, if there is memory for that.
inline void log_exception(std::exception_ptr thrown) noexcept {
    try {
        log_error(log_topic::exception, "an exception left a completion handler: " + describe_exception(thrown));
    } catch (...) {}
}

/// Completion handler for a coroutine whose result is not awaited: logs its exception.
inline void log_if_thrown(std::exception_ptr thrown) noexcept {
    if (thrown)
        log_exception(thrown);
}

/// Runs `work`. Logs an exception that leaves it, and does nothing else about it.
template <class Work>
void log_exceptions(Work&& work) noexcept {
    try {
        work();
    } catch (...) {
        log_exception(std::current_exception());
    }
}

/// The same for work that continues where an exception interrupted it: calls `work` until it returns.
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
