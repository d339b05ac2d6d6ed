#include "proxy/proxy_header.hpp"

#include "fuzz/fuzz_input.hpp"

using namespace fairlead;
using namespace fairlead::test;

namespace {

// However the bytes arrive, the outcome is the same; a header that is whole is written and read again as it was.
void check_stream(bytes_view received) {
    const proxy_progress at_once = read_proxy_header(received);
    proxy_progress last;
    std::size_t needed = 0;
    for (; needed <= received.size() && last.state == proxy_state::incomplete; ++needed)
        last = read_proxy_header(received.first(needed));
    expect(last.state == at_once.state, "the outcome depends on the cuts");
    expect((last.state == proxy_state::refused) == !last.fault.empty(),
           "a refusal without words, or words without one");
    if (last.state != proxy_state::whole)
        return;
    expect(last.header.size == at_once.header.size && last.header.size == needed - 1, "the size depends on the cuts");
    expect(last.header.size <= max_proxy_header_v2, "a header that is too large");
    expect(last.header.unique_id.size() <= 128, "a unique id that is too long");
    const auto again = read_proxy_header(encode_proxy_header(proxy_version::v2, last.header.connection));
    expect(again.state == proxy_state::whole, "a header of ours was refused");
    if (last.header.connection &&
        last.header.connection->source.family() == last.header.connection->destination.family())
        expect(again.header.connection && again.header.connection->source == last.header.connection->source,
               "another source came back");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes_view received{data, size};
    check_stream(received);
    const proxy_progress datagram = read_proxy_header(received, proxy_carrier::datagram);
    expect(datagram.state != proxy_state::incomplete, "a datagram that is incomplete");
    return 0;
}
