#pragma once

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fairlead::test {

/// The bytes a fuzzer made up, taken from the front as choices; zero when there are no more.
class fuzz_input {
public:
    explicit fuzz_input(bytes_view bytes) : bytes_{bytes} {}

    unsigned char byte() {
        const bytes_view taken = bytes(1);
        return taken.empty() ? static_cast<unsigned char>(0) : taken[0];
    }

    bool flag() { return (byte() & 1) != 0; }
    std::size_t below(std::size_t end) { return (byte() * std::size_t{256} + byte()) % end; }

    bytes_view bytes(std::size_t size) {
        const bytes_view taken = bytes_.first(size);
        bytes_ = bytes_.from(size);
        return taken;
    }

    bytes_view rest() const { return bytes_; }
    bool empty() const { return bytes_.empty(); }

private:
    bytes_view bytes_;
};

/// Ends the run of a fuzz target whose property does not hold.
inline void expect(bool holds, const std::string& what) {
    if (holds)
        return;
    std::fprintf(stderr, "%s\n", what.c_str());
    std::abort();
}

} // namespace fairlead::test
