#include "file_transfer/plain_header.hpp"
#include "fuzz/fuzz_input.hpp"

using namespace fairlead;
using namespace fairlead::test;
using namespace fairlead::file_transfer;

namespace {

struct reading {
    plain_header header;
    std::size_t taken = 0;
};

reading read_in_pieces(const std::string& separator, bytes_view stream, std::size_t piece) {
    reading made{plain_header{separator}};
    while (made.taken != stream.size()) {
        const bytes_view next = stream.from(made.taken).first(piece);
        const std::size_t taken = made.header.feed(next);
        made.taken += taken;
        if (taken != next.size())
            break;
    }
    made.header.end();
    return made;
}

bool same(const reading& a, const reading& b) {
    return a.taken == b.taken && a.header.now() == b.header.now() && a.header.fault() == b.header.fault() &&
           a.header.name() == b.header.name() && a.header.digits() == b.header.digits();
}

} // namespace

// A header is the same however it comes, is found again in the stream, and has a split only where the sizes agree.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_input input{{data, size}};
    const std::size_t piece = 1 + input.byte() % 16u;
    const std::string separator = to_string(input.bytes(1 + input.byte() % 12u));
    if (separator.empty())
        return 0;
    const bytes_view stream = input.rest();
    const reading whole = read_in_pieces(separator, stream, stream.size() + 1);
    expect(same(whole, read_in_pieces(separator, stream, piece)), "cuts make a difference");
    expect(same(whole, read_in_pieces(separator, stream, 1)), "cuts make a difference");

    const plain_header& header = whole.header;
    expect(header.now() != plain_header::state::incomplete, "it is incomplete at the end");
    expect((header.now() == plain_header::state::wrong) == !header.fault().empty(), "a fault without a reason");
    if (header.now() == plain_header::state::wrong)
        return 0;
    const std::string begin = std::string{header.name()} + separator + std::string{header.digits()};
    expect(stream.first(whole.taken) == begin, "another header than the stream has");
    expect(stream.text().find(separator) == header.name().size(), "not the first separator");

    const std::uint64_t following = stream.size() - whole.taken;
    const auto split = header.split(following);
    if (!split)
        return 0;
    expect(*split >= 1 && *split <= header.digits().size(), "a split outside the digits");
    expect(std::stoull(std::string{header.digits().substr(0, *split)}) == following + header.digits().size() - *split,
           "a split for another size");
    expect(header.possible(following, stream.size()), "a split that is not possible");
    return 0;
}
