#include <fairlead/handlers/uppercase.hpp>

#include "handlers/answer.hpp"

#include <algorithm>
#include <memory>

namespace fairlead {

namespace {

// Written without a branch, so that the compiler makes it work on many bytes at once.
template <class Byte>
void write_upper(bytes_view bytes, Byte* upper) {
    std::transform(bytes.begin(), bytes.end(), upper, [](unsigned char each) {
        const bool lower = each >= 'a' && each <= 'z';
        return static_cast<Byte>(each - (lower ? 'a' - 'A' : 0));
    });
}

} // namespace

std::string to_upper(bytes_view bytes) {
    std::string upper(bytes.size(), '\0');
    write_upper(bytes, upper.data());
    return upper;
}

message_handler uppercase() {
    return [](bytes_view message, peer& from) {
        const auto upper = std::make_unique_for_overwrite<unsigned char[]>(message.size());
        write_upper(message, upper.get());
        answer(from, {upper.get(), message.size()});
    };
}

} // namespace fairlead
