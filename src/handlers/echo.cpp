#include <fairlead/handlers/echo.hpp>

#include "handlers/answer.hpp"

namespace fairlead {

message_handler echo(std::string prefix) {
    if (prefix.empty())
        return [](bytes_view message, peer& from) { answer(from, message); };
    return [prefix = std::move(prefix)](bytes_view message, peer& from) { answer(from, prefix + to_string(message)); };
}

} // namespace fairlead
