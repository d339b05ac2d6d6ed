#pragma once

#include "runtime/shard_executor.hpp"
#include "server/session_group.hpp"
#include "server/session_member.hpp"
#include "session/opening_session.hpp"

#include <memory>
#include <utility>

namespace fairlead {

/// A connection of HTTP, on its way to a session of WebSocket.
///
///     begin ──▶ open_websocket ──a handler──▶ the session of that handler begins        null ──▶ finish
class session_group::web_session {
public:
    static void begin(member&& self, std::shared_ptr<opening_session> peer, std::shared_ptr<const session_rules> rules);

    web_session(member&& self, std::shared_ptr<opening_session> peer, std::shared_ptr<const session_rules> rules)
        : self_{std::move(self)}, peer_{std::move(peer)}, rules_{std::move(rules)} {}

private:
    struct at_end;

    shard_executor executor() const noexcept { return self_.group().shard_.executor(); }
    void end(const std::exception_ptr& thrown, const handler* serve) noexcept;

    member self_;
    std::shared_ptr<opening_session> peer_;
    std::shared_ptr<const session_rules> rules_;
};

} // namespace fairlead
