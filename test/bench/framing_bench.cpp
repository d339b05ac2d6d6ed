// What cutting a stream into messages, and framing them, costs without any I/O: 64 messages of 64 bytes at a time.

#include <fairlead/framing/parse.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace fairlead::bench {

namespace {

constexpr std::size_t messages = 64;

framing framing_of(benchmark::State& state, const char* text) {
    state.SetLabel(text);
    return parse_framing(text);
}

byte_buffer encode_all(framing& rules) {
    byte_buffer bytes;
    const std::string message(64, 'x');
    for (std::size_t i = 0; i < messages; ++i)
        (void)rules.encode(message, bytes);
    return bytes;
}

void decode(benchmark::State& state, const char* text) {
    framing rules = framing_of(state, text);
    const byte_buffer bytes = encode_all(rules);
    for (auto _ : state) {
        bytes_view rest = bytes.data();
        while (!rest.empty()) {
            const auto step = rules.decode(rest);
            benchmark::DoNotOptimize(step->message);
            rest = rest.from(step->consumed);
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages));
}

void encode(benchmark::State& state, const char* text) {
    framing rules = framing_of(state, text);
    const std::string message(64, 'x');
    byte_buffer bytes = encode_all(rules);
    for (auto _ : state) {
        bytes.truncate(0);
        for (std::size_t i = 0; i < messages; ++i)
            benchmark::DoNotOptimize(rules.encode(message, bytes));
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages));
}

} // namespace

BENCHMARK_CAPTURE(decode, length, "length");
BENCHMARK_CAPTURE(decode, length_3_le, "length:3:le");
BENCHMARK_CAPTURE(decode, varint, "varint");
BENCHMARK_CAPTURE(decode, line, "line");
BENCHMARK_CAPTURE(decode, delimiter, "delimiter:\\r\\n");
BENCHMARK_CAPTURE(decode, fixed, "fixed:64");
BENCHMARK_CAPTURE(encode, length, "length");
BENCHMARK_CAPTURE(encode, length_3_le, "length:3:le");
BENCHMARK_CAPTURE(encode, varint, "varint");
BENCHMARK_CAPTURE(encode, line, "line");
BENCHMARK_CAPTURE(encode, delimiter, "delimiter:\\r\\n");
BENCHMARK_CAPTURE(encode, fixed, "fixed:64");

} // namespace fairlead::bench
