#include <fairlead/handlers/uppercase.hpp>

#include "handlers/answer.hpp"

#include <algorithm>

namespace fairlead {

// Written without a branch, so that the compiler makes it work on many bytes at once.
std::string to_upper(bytes_view bytes) {
    std::string upper(bytes.size(), '\0');
    std::transform(bytes.begin(), bytes.end(), upper.begin(), [](unsigned char each) {
        const bool lower = each >= 'a' && each <= 'z';
        return static_cast<char>(each - (lower ? 'a' - 'A' : 0));
    });
    return upper;
}

message_handler uppercase() {
    return [](bytes_view message, peer& from) { answer(from, to_upper(message)); };
}

} // namespace fairlead
