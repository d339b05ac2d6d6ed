#pragma once

#include <stdexcept>

namespace fairlead::command {

/// The command line ends where the name of a subcommand or of a handler has to follow.
struct missing_name : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

} // namespace fairlead::command
