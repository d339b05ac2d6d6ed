#pragma once

#include "config/serve_plan.hpp"

#include <fairlead/framing/framing.hpp>

#include <string>

namespace fairlead::command {

/// The extent of a check.
enum class check_depth : unsigned char {
    options, ///< whether options go together
    files,   ///< also files and directories, which must be there
    start,   ///< also those that are needed at the start alone
};

/// Checks a plan before a socket is opened: whether URLs, framings, limits, TLS and handlers of each
/// listener are right and go together.
///
/// Errors: throws config_error with all faults; without a configuration std::invalid_argument for the first one.
void check(const serve_plan& plan, check_depth depth);

/// Returns the text of the framing of a listener. That of a relay is `raw`, unless the option is given.
std::string framing_text_of(const planned_listener& listener);

/// Returns the options of a listener that the target of its relay takes over.
relay_front relay_front_of(const planned_listener& listener);

/// Returns the framing of a listener, which for files their protocol decides.
framing framing_of(const planned_listener& listener, const url& at);

/// Returns true if the handler passes messages of any size in parts, unless `max-message` limits them.
bool is_of_any_size(const planned_listener& listener);

bool is_of_datagrams(const std::string& url);

} // namespace fairlead::command
