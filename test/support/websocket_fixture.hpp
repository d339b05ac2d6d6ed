#pragma once

#include "support/session_fixture.hpp"
#include "support/websocket_frames.hpp"
#include "websocket/websocket_channel.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

/// Sessions over a WebSocket in memory.
class websocket_fixture : public session_fixture {
protected:
    std::shared_ptr<session_impl> make_websocket(websocket_rules rules = {}, const limits& bounds = {},
                                                 bytes_view received = {}) {
        role = rules.role;
        auto connection = testkit::make_memory_stream(home);
        far = connection.far;
        auto messages = std::make_unique<websocket_channel>(std::move(connection.near), rules, websocket_info{},
                                                            core_of(home).blocks(), received);
        return fairlead::make_session(core_of(home), std::move(messages), std::make_shared<const limits>(bounds));
    }

    /// The far end sends bytes; returns the frames that it got since the last call.
    std::vector<std::string> exchange(const std::string& bytes = {}) {
        if (!bytes.empty())
            far.send(bytes);
        run_ready(home);
        return frames_in(far.take(), role);
    }

    websocket_role role = websocket_role::server;
};

using frames = std::vector<std::string>;

} // namespace fairlead::test
