#pragma once

#include "core/time_after.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/sleep_queue.hpp"

#include <fairlead/error.hpp>
#include <fairlead/session.hpp>
#include <fairlead/time_limit.hpp>
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
class client_call : private sleep_queue::sleeper {
public:
    /// `late` is called when it has no outcome within `limit`, which is more than 0.
    client_call(shard_core& shard, std::string text, bool wants_reply, std::chrono::milliseconds limit,
                std::function<void(client_call&)> late)
        : sleeper{time_after(shard.steady_now(), limit)}, message{std::move(text)}, for_reply{wants_reply},
          shard_{shard}, late_{std::move(late)} {
        if (limit != no_limit)
            shard_.sleepers().add(*this);
    }
    client_call(const client_call&) = delete;
    client_call& operator=(const client_call&) = delete;
    ~client_call() { shard_.sleepers().remove(*this); }

    /// What to wait for while it has not ended.
    event& end_event() noexcept { return ended_; }

    bool ended() const noexcept { return outcome_.has_value(); }

    result<std::string> take_outcome() { return std::move(*outcome_); }

    /// Its caller goes on before this returns, and then it is gone.
    void end(result<std::string> with) {
        shard_.sleepers().remove(*this);
        outcome_ = std::move(with);
        ended_.notify();
    }

    /// The same, but its caller goes on later.
    void end_later(result<std::string> with) {
        shard_.sleepers().remove(*this);
        outcome_ = std::move(with);
        ended_.notify_later(shard_.executor());
    }

    std::string message;
    const bool for_reply;
    std::shared_ptr<session> written_to;                    // a message without reply, while it is on its way out
    std::optional<std::list<client_call*>::iterator> place; // among those that wait for one

private:
    void wake_up() override { late_(*this); }

    shard_core& shard_;
    std::function<void(client_call&)> late_;
    std::optional<result<std::string>> outcome_;
    event ended_;
};

} // namespace fairlead
