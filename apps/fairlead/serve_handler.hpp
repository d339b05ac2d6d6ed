#pragma once

#include "config/serve_plan.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/metrics.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace fairlead::command {

class chat_rooms;

/// What the handlers of several listeners share; made by the first that needs it.
struct shared_by_handlers {
    std::shared_ptr<chat_rooms> rooms = {};
};

/// The handler of a listener. Lifetime: outlives the server.
struct serve_handler {
    handler answers;
    std::function<void()> log_counts = [] {};                    ///< called after the server has stopped
    std::function<void(metrics& in)> count_in = [](metrics&) {}; ///< called before the server runs
};

/// Makes the handler that was named. Files are received with the rights of `user`.
///
/// Errors: throws std::invalid_argument for options that contradict each other, boost::system::system_error or std::runtime_error
/// if the directory of files cannot be used.
serve_handler make_handler(const planned_listener& listener, const std::optional<user_identity>& user,
                           shared_by_handlers& shared);

} // namespace fairlead::command
