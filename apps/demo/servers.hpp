#pragma once

#include "../fairlead/chat/chat_rooms.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/server.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace demo {

/// Collects the messages that the handlers get, in order. Thread safety: any thread.
class witness {
public:
    void saw(fairlead::bytes_view message);
    std::vector<std::string> take(); ///< returns the messages since the last call

private:
    std::mutex mutex_;
    std::vector<std::string> messages_;
};

/// The directory of the chat's page; empty if the source of the demo is not on this machine.
std::string chat_page();

/// The demo's servers: on the ports from 9000 to 9004, or free ones where these are taken.
class servers {
public:
    servers();

    const fairlead::endpoint& echo() const noexcept { return echo_; }           ///< framing length
    const fairlead::endpoint& uppercase() const noexcept { return uppercase_; } ///< framing line
    const fairlead::endpoint& reply() const noexcept { return reply_; }         ///< framing raw

    const fairlead::endpoint& chat() const noexcept { return chat_; } ///< framing line
    std::string web_chat() const;                                     ///< the same rooms over WebSocket: a URL

    fairlead::server& server() noexcept { return server_; }
    witness& seen() noexcept { return seen_; }

private:
    fairlead::endpoint listen(const std::string& scheme, std::uint16_t port, const fairlead::framing& rules,
                              const fairlead::handler& answer, const fairlead::listen_options& options = {});
    fairlead::handler witnessed(fairlead::message_handler answer);

    witness seen_;
    const std::shared_ptr<fairlead::command::chat_rooms> rooms_ =
        std::make_shared<fairlead::command::chat_rooms>(nullptr);
    fairlead::server server_;
    fairlead::endpoint echo_, uppercase_, reply_, chat_, web_chat_;
};

} // namespace demo
