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

/// One message of a caller's and what comes of it; lives in the coroutine of the caller, who waits for it.
class client_call : private exact_deadline {
public:
    /// `late` is called when it has no outcome within `limit`, which is more than 0.
    client_call(shard_core& shard, std::string text, bool wants_reply, std::chrono::milliseconds limit,
                std::function<void(client_call&)> late)
        : exact_deadline{shard, limit}, message{std::move(text)}, for_reply{wants_reply}, late_{std::move(late)} {}

    /// What to wait for while it has not ended.
    event& end_event() noexcept { return ended_; }

    bool ended() const noexcept { return outcome_.has_value(); }

    result<std::string> take_outcome() { return std::move(*outcome_); }

    /// Its caller goes on before this returns, and then it is gone.
    void end(result<std::string> with) {
        disarm();
        outcome_ = std::move(with);
        ended_.notify();
    }

    /// The same, but its caller goes on later.
    void end_later(result<std::string> with) {
        disarm();
        outcome_ = std::move(with);
        ended_.notify_later(shard().executor());
    }

    std::string message;
    const bool for_reply;
    std::shared_ptr<session> written_to;                    // a message without reply, while it is on its way out
    std::optional<std::list<client_call*>::iterator> place; // among those that wait for one

private:
    void on_time() override { late_(*this); }

    std::function<void(client_call&)> late_;
    std::optional<result<std::string>> outcome_;
    event ended_;
};

} // namespace fairlead
