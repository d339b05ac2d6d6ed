#include "servers.hpp"

#include "../fairlead/chat/chat_handler.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/reply.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>

#include <filesystem>
#include <system_error>
#include <utility>

namespace demo {

std::string chat_page() {
    std::error_code failed;
    return std::filesystem::is_directory(CHAT_PAGE, failed) ? CHAT_PAGE : "";
}

void witness::saw(fairlead::bytes_view message) {
    const std::lock_guard lock{mutex_};
    messages_.push_back(to_string(message));
}

std::vector<std::string> witness::take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(messages_, {});
}

servers::servers() {
    using namespace fairlead;
    echo_ = listen("tcp", 9000, length_prefixed{}, witnessed(fairlead::echo()));
    uppercase_ = listen("tcp", 9001, line{}, witnessed(fairlead::uppercase()));
    reply_ = listen("tcp", 9002, raw{}, witnessed(fairlead::reply("{message} 收到")));
    rooms_->begin(server_);
    const handler talk = command::chat(rooms_, {});
    chat_ = listen("tcp", 9003, line{}, talk);
    web_chat_ = listen("ws", 9004, websocket{{.messages = websocket_messages::text}}, talk,
                       {.websocket = {.files = chat_page()}});
}

std::string servers::web_chat() const {
    return "ws://127.0.0.1:" + std::to_string(web_chat_.port()) + "/chat";
}

fairlead::handler servers::witnessed(fairlead::message_handler answer) {
    return [this, answer = std::move(answer)](fairlead::bytes_view message, fairlead::peer& from) {
        seen_.saw(message);
        answer(message, from);
    };
}

fairlead::endpoint servers::listen(const std::string& scheme, std::uint16_t port, const fairlead::framing& rules,
                                   const fairlead::handler& answer, const fairlead::listen_options& options) {
    const auto at = [&](std::uint16_t number) {
        return scheme + "://127.0.0.1:" + std::to_string(number) + (scheme == "ws" ? "/chat" : "");
    };
    try {
        return server_.listen(at(port), rules, answer, options);
    } catch (const boost::system::system_error& failed) {
        if (failed.code() != boost::system::errc::address_in_use)
            throw;
        return server_.listen(at(0), rules, answer, options);
    }
}

} // namespace demo
