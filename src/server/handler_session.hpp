#pragma once

#include "runtime/shard_executor.hpp"
#include "server/session_group.hpp"
#include "server/session_member.hpp"

#include <fairlead/handler.hpp>

#include <utility>

namespace fairlead {

/// A session with a session handler. The coroutine of the handler serves it directly: a second one around it
/// would take memory as long as the session lives.
///
///     begin ──▶ the coroutine runs ──ended──▶ finish      dropped with the coroutine: the shard ends
class session_group::handler_session {
public:
    static void begin(member&& self, handler&& serve);

    handler_session(member&& self, handler&& serve) : self_{std::move(self)}, serve_{std::move(serve)} {}

private:
    struct at_end;

    shard_executor executor() const noexcept { return self_.group().shard_.executor(); }

    member self_;
    handler serve_; // outlives its coroutine
};

} // namespace fairlead
