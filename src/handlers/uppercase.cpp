#include <fairlead/handlers/uppercase.hpp>

#include "handlers/answer.hpp"

#include <span>

namespace fairlead {

namespace {

// Written without a branch, so that the compiler makes it work on many bytes at once.
void make_upper(std::span<unsigned char> bytes) {
    for (unsigned char& each : bytes) {
        const bool lower = each >= 'a' && each <= 'z';
        each = static_cast<unsigned char>(each - (lower ? 'a' - 'A' : 0));
    }
}

} // namespace

std::string to_upper(bytes_view bytes) {
    std::string upper = to_string(bytes);
    make_upper({reinterpret_cast<unsigned char*>(upper.data()), upper.size()});
    return upper;
}

message_handler uppercase() {
    return [](bytes_view message, peer& from) {
        const auto here = from.writable(message);
        make_upper(here);
        if (here.empty())
            answer(from, to_upper(message));
        else
            answer(from, message);
    };
}

} // namespace fairlead
