#include "websocket_visitor.hpp"

#include <fairlead/connect.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>

#include <chrono>
#include <stdexcept>

namespace demo {

namespace {

constexpr std::chrono::seconds reply_limit{5};

boost::asio::awaitable<void> talk(fairlead::shard& here, std::string url, std::string line,
                                  std::vector<std::string>& heard) {
    const fairlead::framing text = fairlead::websocket{{.messages = fairlead::websocket_messages::text}};
    const auto connected = co_await fairlead::connect(here, url, text);
    if (!connected)
        throw std::runtime_error{fairlead::describe(fairlead::url::parse(url), connected.error())};
    fairlead::session& chat = **connected;
    chat.send("/nick Bob");
    chat.send(line);
    while (heard.empty() || heard.back() != "Bob: " + line) {
        const auto message = co_await chat.receive(reply_limit);
        if (!message)
            throw std::runtime_error{"the chat: " + message.error().message()};
        heard.push_back(to_string(*message));
    }
    co_await chat.close_gracefully();
}

} // namespace

std::vector<std::string> visit_chat(const std::string& url, const std::string& line) {
    std::vector<std::string> heard;
    fairlead::runtime own{1};
    own.run(talk(own[0], url, line, heard));
    return heard;
}

} // namespace demo
