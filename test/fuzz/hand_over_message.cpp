#include "server/hand_over_message.hpp"

#include "fuzz/fuzz_input.hpp"

#include <optional>
#include <stdexcept>

using namespace fairlead;
using namespace fairlead::test;

namespace {

// Any other exception ends the run.
std::optional<hand_over_message> read(std::string_view text) {
    try {
        return hand_over_message::decode(text);
    } catch (const std::runtime_error& refused) {
        expect(!std::string_view{refused.what()}.empty(), "a refusal without words");
        return {};
    }
}

} // namespace

// Bytes that are accepted are within all limits, and are written and read again as they were.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto found = read(bytes_view{data, size}.text());
    if (!found)
        return 0;
    expect(size <= hand_over_message::max_size, "a message that is too long was accepted");
    expect(found->sockets <= hand_over_message::max_sockets, "too many sockets were accepted");
    found->why.clear(); // for people: what a terminal would take for a command is written in another way
    const auto again = read(found->encode());
    expect(again && *again == *found, "a message of ours is read as another one");
    return 0;
}
