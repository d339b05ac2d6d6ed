#include <fairlead/handlers/uppercase.hpp>

#include "handlers/answer.hpp"

namespace fairlead {

std::string to_upper(bytes_view bytes) {
    std::string upper = to_string(bytes);
    for (char& each : upper) {
        if (each >= 'a' && each <= 'z')
            each = static_cast<char>(each - 'a' + 'A');
    }
    return upper;
}

message_handler uppercase() {
    return [](bytes_view message, peer& from) { answer(from, to_upper(message)); };
}

} // namespace fairlead
