#include <fairlead/framing/parse.hpp>

#include "fuzz/fuzz_input.hpp"

#include <algorithm>
#include <stdexcept>

using namespace fairlead;
using namespace fairlead::test;

// Any text is read or refused with one printable line, and what was read has a text that is read as the same.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes_view text{data, size};
    try {
        const std::string canonical = parse_framing(text.text()).to_string();
        expect(parse_framing(canonical).to_string() == canonical, "the text of a framing is read as another framing");
    } catch (const std::invalid_argument& refused) {
        const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
        expect(std::ranges::all_of(std::string_view{refused.what()}, is_printable), "a reason that is not printable");
    }
    return 0;
}
