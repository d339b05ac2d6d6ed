#pragma once

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/fixed_size.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/framing/varint_prefixed.hpp>

#include "fuzz/fuzz_input.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

namespace fairlead::test {

/// A framing with options that the fuzzer chose.
struct chosen_framing {
    framing by;
    std::size_t most = 0; ///< bytes that it may have seen, or want to see, of a message that is not complete
};

/// None if the options contradict each other.
using framing_choice = std::optional<chosen_framing>;

inline std::size_t choose_limit(fuzz_input& input) {
    static constexpr std::size_t limits[] = {0, 1, 2, 7, 16, 255, 256, 65'536, 1u << 20};
    return limits[input.byte() % std::size(limits)];
}

inline framing_choice choose_length_prefixed(fuzz_input& input) try {
    length_prefixed_options options;
    options.width = input.byte() % 10;
    options.byte_order = input.flag() ? std::endian::little : std::endian::big;
    options.offset = input.byte() % 8u;
    options.length_includes_header = input.flag();
    options.adjustment = static_cast<signed char>(input.byte()) * (input.flag() ? 1 : 1 << 24);
    options.keep_header = input.flag();
    options.oversize = input.flag() ? oversize_policy::discard : oversize_policy::close;
    if (input.flag())
        options.max_message = choose_limit(input);
    const std::size_t header = options.offset + static_cast<std::size_t>(options.width);
    return chosen_framing{length_prefixed{options}, options.max_message.value_or(1u << 20) + header};
} catch (const std::invalid_argument&) {
    return std::nullopt;
}

inline framing_choice choose_varint_prefixed(fuzz_input& input) try {
    const std::size_t limit = choose_limit(input);
    return chosen_framing{varint_prefixed{{.max_message = limit}}, limit + 10};
} catch (const std::invalid_argument&) {
    return std::nullopt;
}

inline framing_choice choose_delimited(fuzz_input& input) try {
    delimited_options options;
    std::size_t longest = 0;
    for (std::size_t count = input.byte() % 4u; count != 0; --count) {
        options.delimiters.push_back(to_string(input.bytes(input.byte() % 6u)));
        longest = std::max(longest, options.delimiters.back().size());
    }
    options.keep_delimiter = input.flag();
    options.accept_unterminated_last = input.flag();
    options.max_message = choose_limit(input);
    return chosen_framing{delimited{options}, options.max_message + longest};
} catch (const std::invalid_argument&) {
    return std::nullopt;
}

inline framing_choice choose_line(fuzz_input& input) try {
    const bool accept = input.flag();
    const std::size_t limit = choose_limit(input);
    return chosen_framing{line{{.max_message = limit, .accept_unterminated_last = accept}}, limit + 2};
} catch (const std::invalid_argument&) {
    return std::nullopt;
}

inline framing_choice choose_fixed_size(fuzz_input& input) try {
    const std::size_t size = input.byte();
    return chosen_framing{fixed_size{size}, size};
} catch (const std::invalid_argument&) {
    return std::nullopt;
}

inline framing_choice choose_raw(fuzz_input& input) try {
    return chosen_framing{raw{{.max_message = choose_limit(input)}}, 1};
} catch (const std::invalid_argument&) {
    return std::nullopt;
}

inline framing_choice choose_any(fuzz_input& input) {
    switch (input.byte() % 6) {
    case 0: return choose_length_prefixed(input);
    case 1: return choose_varint_prefixed(input);
    case 2: return choose_delimited(input);
    case 3: return choose_line(input);
    case 4: return choose_fixed_size(input);
    default: return choose_raw(input);
    }
}

} // namespace fairlead::test
