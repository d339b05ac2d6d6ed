#include "decode/tcp_assembly.hpp"

#include "fuzz/fuzz_input.hpp"

#include <string>

using namespace fairlead;
using namespace fairlead::command;
using namespace fairlead::test;

namespace {

struct checked_sink : assembled_sink {
    std::string bytes;
    bool ended = false;

    void take(bytes_view more) override {
        expect(!ended, "bytes behind the end");
        bytes += more.text();
    }
    void lose(std::uint64_t missing) override {
        expect(!ended && missing != 0, "a second end, or none of the bytes missing");
        ended = true;
    }
    void close() override {
        expect(!ended, "a second end");
        ended = true;
    }
};

std::string make_stream() {
    std::string stream(1000, '\0');
    for (std::size_t i = 0; i < stream.size(); ++i)
        stream[i] = static_cast<char>(i * 7 + i / 256);
    return stream;
}

} // namespace

// The fuzzer chooses the segments of a stream, their order and what was captured of each. What comes out is its beginning.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string stream = make_stream();
    fuzz_input choices{bytes_view{data, size}};
    const auto first = static_cast<std::uint32_t>(choices.byte() << 24 | choices.byte());
    tcp_assembly assembly;
    checked_sink sink;
    assembly.take({.sequence = first, .syn = true}, sink);
    while (!choices.empty()) {
        const std::size_t from = choices.below(stream.size());
        const bytes_view payload = bytes_view{stream}.from(from).first(choices.byte());
        const unsigned flags = choices.byte();
        const std::uint32_t begin = first + 1 + static_cast<std::uint32_t>(from);
        assembly.take({.sequence = begin,
                       .fin = (flags & 1) != 0 && from + payload.size() == stream.size(),
                       .reset = flags % 32 == 2,
                       .payload = payload.first(flags % 8 == 4 ? payload.size() / 2 : payload.size()),
                       .size = payload.size()},
                      sink);
    }
    assembly.finish(sink);
    expect(stream.starts_with(sink.bytes), "the bytes are not those of the stream");
    return 0;
}
