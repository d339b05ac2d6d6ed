#pragma once

#include "server/session_group.hpp"
#include "server/session_member.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/executor_work_guard.hpp>

#include <memory>
#include <utility>

namespace fairlead {

/// A session with a message handler. While it waits it has no coroutine, which would take half of its memory.
///
///     begin ──▶ waits for the session to change ──served──▶ finish    dropped with the session's event: the shard ends
class session_group::message_session final : private event::waiter {
public:
    static void begin(member&& self, handler&& serve);

    message_session(member&& self, handler&& serve)
        : work_{self.group().shard_.executor()}, self_{std::move(self)}, serve_{std::move(serve)} {}

private:
    static void wait_or_finish(std::unique_ptr<message_session> one) noexcept;
    void leave(bool resumed) override;

    boost::asio::executor_work_guard<shard_executor> work_; // until the session is gone
    member self_;
    handler serve_;
};

} // namespace fairlead
