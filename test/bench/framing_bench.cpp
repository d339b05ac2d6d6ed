// What cutting a stream into messages, and framing them, costs without any I/O: 64 messages at a time, which is one
// fill of a buffer.

#include "throughput.hpp"

#include <fairlead/framing/parse.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace fairlead::bench {

namespace {

constexpr std::size_t messages = 64;

byte_buffer encode_all(framing& rules, const std::string& message) {
    byte_buffer bytes;
    for (std::size_t i = 0; i < messages; ++i)
        (void)rules.encode(message, bytes);
    return bytes;
}

void decode(benchmark::State& state, const std::string& text, std::size_t size) {
    framing rules = parse_framing(text);
    const byte_buffer bytes = encode_all(rules, std::string(size, 'x'));
    for (auto _ : state) {
        bytes_view rest = bytes.data();
        while (!rest.empty()) {
            const auto step = rules.decode(rest);
            benchmark::DoNotOptimize(step->message);
            rest = rest.from(step->consumed);
        }
    }
    report_messages(state, messages, size);
}

void encode(benchmark::State& state, const std::string& text, std::size_t size) {
    framing rules = parse_framing(text);
    const std::string message(size, 'x');
    byte_buffer bytes = encode_all(rules, message);
    for (auto _ : state) {
        bytes.truncate(0);
        for (std::size_t i = 0; i < messages; ++i)
            benchmark::DoNotOptimize(rules.encode(message, bytes));
    }
    report_messages(state, messages, size);
}

// Named as in decode/length:3:le/64.
[[maybe_unused]] const bool registered = [] {
    for (const std::string kind : {"length", "length:3:le", "varint", "line", "delimiter:\\r\\n", "fixed"}) {
        for (const std::size_t size : {64U, 1024U}) {
            const std::string shown = std::to_string(size);
            const std::string text = kind == "fixed" ? "fixed:" + shown : kind;
            benchmark::RegisterBenchmark(("decode/" + kind + "/" + shown).c_str(), decode, text, size);
            benchmark::RegisterBenchmark(("encode/" + kind + "/" + shown).c_str(), encode, text, size);
        }
    }
    return true;
}();

} // namespace

} // namespace fairlead::bench
