#pragma once

#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>

namespace fairlead::command {

/// Returns the reason why `rules` cannot carry a message; no error if they can.
error_code try_to_encode(framing rules, bytes_view message);

/// Tries the answers to the shortest messages that `rules` can carry.
///
/// Errors: throws std::invalid_argument if `rules` can carry none of the answers, because the server could
/// never answer.
void require_sendable_answers(const message_handler& answers, const framing& rules);

/// As `require_sendable_answers`, for datagrams.
void require_answers_for_datagrams(const message_handler& answers);

} // namespace fairlead::command
