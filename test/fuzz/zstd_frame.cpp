#include "layers/zstd_frame.hpp"

#include "fuzz/fuzz_input.hpp"

using namespace fairlead;
using namespace fairlead::test;

namespace {

// Any bytes are refused with words, or hold no more than the limit.
void check_inflated(bytes_view bytes, std::size_t max_message) {
    byte_buffer message;
    const auto refused = inflate_zstd_frame(bytes, max_message, message);
    expect(!refused || (message.capacity() == 0 && !refused->words.empty()), "a refusal without words, or with memory");
    expect(message.size() <= max_message && message.capacity() <= max_message + 1, "more than the limit");
}

void check_round_trip(bytes_view message, int level) {
    const zstd_frame frame{message, level};
    byte_buffer back;
    expect(!inflate_zstd_frame(frame.bytes(), message.size() + 1, back), "an own frame is refused");
    expect(back.data() == message, "another message");
}

} // namespace

// The fuzzer chooses a limit, a level, and bytes that are a frame or a message.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_input input{{data, size}};
    const std::size_t max_message = 1 + 16 * input.below(65'536);
    const int level = static_cast<int>(input.below(12)) - 5;
    check_inflated(input.rest(), max_message);
    check_round_trip(input.rest(), level);
    return 0;
}
