#pragma once

#include <fairlead/framing/framing.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// What `encode` writes, or the text of the error.
inline std::string encoded(framing by, bytes_view message) {
    byte_buffer output;
    const result<void> done = by.encode(message, output);
    return done ? fairlead::to_string(output.data()) : done.error().message();
}

/// Why `encode` refuses a message, having made sure that nothing was written; no error if it does not.
inline error_code encode_error(framing by, bytes_view message) {
    byte_buffer output;
    const result<void> done = by.encode(message, output);
    if (!done && !output.empty())
        throw std::logic_error{"a refused message was written in part"};
    return done ? error_code{} : done.error();
}

/// Why `decode` refuses an input; no error if it does not.
inline error_code decode_error(framing by, bytes_view input) {
    const result<decoded> step = by.decode(input);
    return step ? error_code{} : step.error();
}

/// What a constructor or `parse_framing` says when it refuses its options; empty if it does not.
template <class Make>
std::string refusal(Make make) {
    try {
        make();
        return {};
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace fairlead::test
