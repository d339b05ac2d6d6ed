#pragma once

#include "config/serve_plan.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/server.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace fairlead::command {

class chat_rooms;

/// Objects that the handlers of several listeners share; the first handler that needs one makes it.
struct shared_by_handlers {
    std::shared_ptr<chat_rooms> rooms = {};
    broker_settings broker = {}; ///< connects the rooms with those of other processes

    void end() const; ///< after the server has stopped
};

/// The handler of a listener. Its own objects end with its last copy.
struct serve_handler {
    handler answers;
    std::function<void(server&)> begin = [](server&) {}; ///< called before its listeners are opened
};

/// Makes the handler that was named. Files are received with the rights of `user`.
///
/// Errors: throws std::invalid_argument for options that contradict each other, boost::system::system_error or std::runtime_error
/// if the directory of files cannot be used.
serve_handler make_handler(const planned_listener& listener, const std::optional<user_identity>& user,
                           shared_by_handlers& shared);

} // namespace fairlead::command
