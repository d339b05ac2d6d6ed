#pragma once

#include "screen.hpp"
#include "talk/message_source.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace fairlead::command {

/// The settings of a talk.
struct talk_settings {
    message_origin messages = {};
    std::size_t max_message = 16 * 1024 * 1024;
    std::chrono::milliseconds timeout{5'000};
    screen::layout layout = screen::layout::lines;
    bool times = false;                       ///< show its time with each reply
    bool no_history = false;                  ///< for the lines typed on a terminal
    std::optional<std::string> expected = {}; ///< the text that a reply has to contain; nullopt: any will do
};

} // namespace fairlead::command
