#pragma once

#include <fairlead/handler.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace fairlead {

/// Observes the messages that a handler has worked on.
///
/// Thread safety: called on the threads of all sessions.
class message_observer {
public:
    message_observer() noexcept = default;
    message_observer(const message_observer&) = delete;
    message_observer& operator=(const message_observer&) = delete;
    virtual ~message_observer() = default;

    virtual void handled(const peer& from, std::size_t size, std::chrono::nanoseconds taken) const noexcept = 0;
};

/// Returns a handler that reports each message of `inner` to `observer`, also one with which `inner` throws.
handler measured(std::shared_ptr<const message_observer> observer, handler inner);

} // namespace fairlead
