#pragma once

#include "chat/chat_rooms.hpp"

#include <fairlead/handler.hpp>

#include <cstddef>
#include <memory>

namespace fairlead::command {

/// Makes the handler of a chat: each message is a line of text, or a command with a `/`. A visitor that enters a room gets its last
/// `history` lines.
handler chat(std::shared_ptr<chat_rooms> rooms, std::size_t history);

} // namespace fairlead::command
