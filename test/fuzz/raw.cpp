#include "fuzz/decoder.hpp"

using namespace fairlead::test;

// The fuzzer chooses the options, the cuts and the stream.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_input input{{data, size}};
    const framing_choice chosen = choose_raw(input);
    expect_same_however_cut(chosen, input);
    return 0;
}
