#include "decode/network_packet.hpp"

#include "fuzz/fuzz_input.hpp"

using namespace fairlead;
using namespace fairlead::command;
using namespace fairlead::test;

namespace {

void check(bytes_view payload, std::size_t size, bytes_view packet) {
    expect(payload.size() <= size, "more was captured than was sent");
    expect(payload.empty() || (payload.begin() >= packet.begin() && payload.end() <= packet.end()),
           "the payload is not a part of the packet");
}

} // namespace

// Whatever a capture holds, its payload stands in the packet.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_input choices{bytes_view{data, size}};
    static constexpr int types[] = {0, 1, 12, 108, 113, 228, 229, 276};
    const link_type type{types[choices.byte() % std::size(types)]};
    const auto packet = read_packet(type, choices.rest());
    if (const auto* const known = std::get_if<network_packet>(&packet))
        std::visit([&](const auto& content) { check(content.payload, content.size, choices.rest()); }, known->content);
    return 0;
}
