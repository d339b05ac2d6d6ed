#pragma once

#include "runtime/exact_deadline.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/error.hpp>
#include <fairlead/session.hpp>
#include <fairlead/transport/event.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fairlead {

/// A message of a caller and its outcome. Lives in the coroutine of the caller, which waits for the outcome.
class client_call : private exact_deadline {
public:
    /// Calls `late` if there is no outcome within `limit`, which is more than 0.
    client_call(shard_core& shard, std::string text, bool wants_reply, std::chrono::milliseconds limit,
                std::function<void(client_call&)> late)
        : exact_deadline{shard, limit}, message{std::move(text)}, for_reply{wants_reply}, late_{std::move(late)} {}

    /// Returns the event that is notified when the call ends.
    event& end_event() noexcept { return ended_; }

    bool ended() const noexcept { return outcome_.has_value(); }

    result<std::string> take_outcome() { return std::move(*outcome_); }

    /// Sets the outcome. The caller resumes before this returns, and destroys the call.
    void end(result<std::string> with) {
        disarm();
        outcome_ = std::move(with);
        ended_.notify();
    }

    /// The same, but the caller resumes in a later turn.
    void end_later(result<std::string> with) {
        disarm();
        outcome_ = std::move(with);
        ended_.notify_later(shard().executor());
    }

    std::string message;
    const bool for_reply;
    std::shared_ptr<session> written_to;                    // the session that writes it, if it is not for a reply
    std::optional<std::list<client_call*>::iterator> place; // among the calls that wait for a connection

private:
    void on_time() override { late_(*this); }

    std::function<void(client_call&)> late_;
    std::optional<result<std::string>> outcome_;
    event ended_;
};

} // namespace fairlead
