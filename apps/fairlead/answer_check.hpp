#pragma once

#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>

namespace fairlead::command {

/// Why `rules` cannot carry a message, or no error.
error_code try_to_encode(framing rules, bytes_view message);

/// Tries the answers to the shortest messages that `rules` can carry.
///
/// Errors: throws std::invalid_argument when `rules` can carry none of them, for then a server could never answer.
void require_sendable_answers(const message_handler& answers, const framing& rules);

/// The same of datagrams.
void require_answers_for_datagrams(const message_handler& answers);

} // namespace fairlead::command
