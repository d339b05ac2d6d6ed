#pragma once

#include "config/serve_plan.hpp"

#include <fairlead/handler.hpp>

#include <functional>
#include <optional>

namespace fairlead::command {

/// The handler of a listener. Lifetime: outlives the server.
struct serve_handler {
    handler answers;
    std::function<void()> log_counts = [] {}; ///< called after the server has stopped
};

/// Makes the handler that was named. Files are received with the rights of `user`.
///
/// Errors: throws std::invalid_argument for options that contradict each other, boost::system::system_error or std::runtime_error
/// if the directory of files cannot be used.
serve_handler make_handler(const planned_listener& listener, const std::optional<user_identity>& user);

} // namespace fairlead::command
