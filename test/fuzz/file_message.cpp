#include "file_transfer/message.hpp"
#include "fuzz/fuzz_input.hpp"

#include <algorithm>

using namespace fairlead;
using namespace fairlead::test;
using namespace fairlead::file_transfer;

// Any bytes are a message or have a printable reason, and what was read is written and read as the same.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = read_message({data, size});
    if (const auto* fault = std::get_if<unreadable>(&read)) {
        const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
        expect(!fault->reason.empty() && std::ranges::all_of(fault->reason, is_printable),
               "a reason that is not printable");
        return 0;
    }
    const auto& first = std::get<message>(read);
    const std::string written = write_message(first);
    const auto again = read_message(written);
    expect(std::holds_alternative<message>(again), "a message that was read is written unreadable");
    expect(std::get<message>(again) == first, "a message that was read is written as another");
    expect(write_message(std::get<message>(again)) == written, "a message is written in two ways");
    return 0;
}
