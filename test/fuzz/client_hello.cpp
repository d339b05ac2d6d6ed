#include "tls/client_hello.hpp"

#include "fuzz/fuzz_input.hpp"

using namespace fairlead;
using namespace fairlead::test;

namespace {

using progress = client_hello::progress;

// 0: incomplete, 1: whole, else the error behind that.
int outcome_of(const result<progress>& found) {
    return found ? static_cast<int>(*found == progress::whole) : 1 + found.error().value();
}

} // namespace

// However the bytes arrive, the outcome is the same, and one that is whole stays so with more bytes behind.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes_view received{data, size};
    client_hello at_once;
    const int whole = outcome_of(at_once.examine(received));

    client_hello by_bytes;
    int last = 0;
    std::size_t needed = 0;
    for (; needed <= size && last == 0; ++needed)
        last = outcome_of(by_bytes.examine(received.first(needed)));
    expect(last == whole, "the outcome depends on the cuts");

    const std::string name = server_name_in(received);
    expect(name.size() <= size, "a name that is longer than the bytes");
    expect(name.empty() || received.text().size() > 40, "a name of too few bytes");
    return 0;
}
