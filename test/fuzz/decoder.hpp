#pragma once

#include "fuzz/framing_choice.hpp"
#include "fuzz/fuzz_input.hpp"
#include "testkit/framing_run.hpp"

#include <algorithm>
#include <numeric>

namespace fairlead::test {

/// Passes everything on to a framing and expects that it never waits for more than its limit allows.
class limited {
public:
    explicit limited(const chosen_framing& chosen) : by_{chosen.by}, most_{chosen.most} {}

    result<decoded> decode(bytes_view input) {
        const result<decoded> step = by_.decode(input);
        if (step && !step->message && step->consumed == 0)
            expect(input.size() < most_ && step->wanted <= most_, "it waits for more than the limit allows");
        return step;
    }
    result<decoded> finish(bytes_view input) { return by_.finish(input); }
    result<void> encode(bytes_view message, byte_buffer& output) { return by_.encode(message, output); }

private:
    framing by_;
    std::size_t most_;
};

inline testkit::framing_outcome decode_in_pieces(const chosen_framing& chosen, bytes_view stream,
                                                 const std::vector<std::size_t>& cuts) {
    testkit::framing_run run{limited{chosen}, stream};
    for (const std::size_t cut : cuts)
        run.arrive(cut);
    run.arrive(stream.size());
    testkit::framing_outcome outcome = std::move(run).end();
    expect(outcome.violation.empty(), outcome.violation);
    return outcome;
}

/// The messages in one piece, for a framing that divides them as they arrive.
inline testkit::framing_outcome joined(testkit::framing_outcome outcome) {
    outcome.messages = {std::accumulate(outcome.messages.begin(), outcome.messages.end(), std::string{})};
    return outcome;
}

/// Expects that a stream gives the same in one piece, byte by byte and with cuts of the fuzzer's choice.
inline void expect_same_however_cut(const framing_choice& chosen, fuzz_input input) {
    if (!chosen)
        return;
    std::vector<std::size_t> cuts(input.byte() % 8u);
    for (std::size_t& cut : cuts)
        cut = input.byte();
    const bytes_view stream = input.rest();
    for (std::size_t& cut : cuts)
        cut = std::min(cut, stream.size());
    std::ranges::sort(cuts);
    std::vector<std::size_t> everywhere(stream.size());
    std::iota(everywhere.begin(), everywhere.end(), std::size_t{0});

    const bool divides = chosen->by.to_string() == "raw";
    const testkit::framing_outcome once = decode_in_pieces(*chosen, stream, {});
    for (const auto& pieces : {cuts, everywhere}) {
        const testkit::framing_outcome again = decode_in_pieces(*chosen, stream, pieces);
        expect(divides ? joined(again) == joined(once) : again == once, "cuts make a difference");
    }
    if (once.error)
        expect(!chosen->by.explain(once.error, stream.from(once.position)).empty(), "an error without explanation");
}

} // namespace fairlead::test
