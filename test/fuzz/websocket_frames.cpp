#include "fuzz/fuzz_input.hpp"
#include "support/frame_run.hpp"
#include "websocket/deflate.hpp"

#include <vector>

using namespace fairlead;
using namespace fairlead::test;

namespace {

frame_run read_in_pieces(const websocket_rules& rules, bytes_view stream, const std::vector<std::size_t>& pieces) {
    frame_run run{rules};
    for (std::size_t i = 0; !stream.empty(); ++i) {
        const std::size_t piece = pieces.empty() ? stream.size() : pieces[i % pieces.size()];
        run.arrive(stream.first(piece));
        stream = stream.from(piece);
    }
    expect(run.violation().empty(), run.violation());
    return run;
}

} // namespace

// The fuzzer chooses the rules, the cuts and the frames, which give the same however they are cut.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz_input choices{bytes_view{data, size}};
    websocket_rules rules{
        .role = choices.flag() ? websocket_role::client : websocket_role::server,
        .messages = choices.flag() ? websocket_messages::text : websocket_messages::binary,
        .max_message = std::size_t{1} + choices.byte(),
    };
    const unsigned shape = choices.byte();
    rules.deflate_window = shape < 128 ? 0 : max_deflate_window;
    std::vector<std::size_t> cuts(shape % 8u);
    for (std::size_t& cut : cuts)
        cut = std::size_t{1} + choices.byte();
    const frame_run whole = read_in_pieces(rules, choices.rest(), {});
    for (const auto& pieces : {cuts, std::vector<std::size_t>{1}}) {
        const frame_run again = read_in_pieces(rules, choices.rest(), pieces);
        expect(again.events() == whole.events() && again.error() == whole.error(), "cuts make a difference");
    }
    for (const std::string& each : whole.events())
        expect(!each.starts_with("message ") || each.size() <= std::string{"message "}.size() + rules.max_message,
               "a message is larger than the limit");
    return 0;
}
