#include "fuzz/decoder.hpp"

using namespace fairlead;
using namespace fairlead::test;

// The fuzzer chooses a framing, its options and messages. What is encoded decodes to the same; what is refused leaves no
// trace.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_input input{{data, size}};
    const framing_choice chosen = choose_any(input);
    if (!chosen)
        return 0;
    framing encoder = chosen->by;
    byte_buffer output;
    std::vector<std::string> sent;
    while (!input.empty()) {
        const std::size_t before = output.size();
        const bytes_view message = input.bytes(input.byte());
        if (encoder.encode(message, output))
            sent.push_back(to_string(message));
        else
            expect(output.size() == before, "part of a refused message was written");
    }
    testkit::framing_outcome received = decode_in_pieces(*chosen, output.data(), {});
    if (chosen->by.to_string() == "raw") {
        received = joined(received);
        sent = {std::accumulate(sent.begin(), sent.end(), std::string{})};
    }
    expect(!received.error && received.last.empty(), "the stream does not end cleanly");
    expect(received.messages == sent, "other messages were received than sent");
    return 0;
}
