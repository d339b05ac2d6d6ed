#pragma once

#include "chat/chat_rooms.hpp"

#include <fairlead/handler.hpp>

#include <cstddef>
#include <memory>

namespace fairlead::command {

/// Options of a chat.
struct chat_settings {
    std::size_t history = 20; ///< lines that a visitor gets on entering a room
    std::size_t rate = 10;    ///< lines and commands a second of one visitor, see `chat_rate`; 0: any number
};

/// Makes the handler of a chat: each message is a line of text, or a command with a `/`.
handler chat(std::shared_ptr<chat_rooms> rooms, const chat_settings& settings);

} // namespace fairlead::command
