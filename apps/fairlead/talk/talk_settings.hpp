#pragma once

#include "screen.hpp"
#include "talk/message_source.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace fairlead::command {

/// What a person says about a talk.
struct talk_settings {
    message_origin messages = {};
    std::size_t max_message = 16 * 1024 * 1024;
    std::chrono::milliseconds timeout{5'000};
    screen::layout layout = screen::layout::lines;
    bool times = false;                       ///< with each reply its time
    bool no_history = false;                  ///< for the lines typed on a terminal
    std::optional<std::string> expected = {}; ///< the text that a reply has to contain; nullopt: any will do
};

} // namespace fairlead::command
