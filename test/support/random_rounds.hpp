#pragma once

#include "runtime/shard_core.hpp"
#include "support/effort.hpp"
#include "support/run.hpp"

#include <fairlead/testkit/manual_clock.hpp>

#include <cstddef>
#include <cstdlib>
#include <gtest/gtest.h>
#include <initializer_list>
#include <string>

namespace fairlead::test {

/// Calls `round(seed)` for each seed, while nothing fails. A failure names its seed; `FAIRLEAD_SEED=7` runs that one alone.
template <class Round>
void for_each_seed(unsigned rounds, Round round) {
    const char* const one = std::getenv("FAIRLEAD_SEED");
    const auto first = static_cast<unsigned>(one ? std::strtoul(one, nullptr, 10) : 0);
    for (unsigned seed = first; seed < (one ? first + 1 : rounds) && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        round(seed);
    }
}

/// Holds one conversation for each seed. None of them keeps a buffer.
template <class Conversation, class Happenings>
void converse(shard& home, testkit::manual_clock& clock, unsigned rounds, Happenings& seen) {
    for_each_seed(rounds, [&](unsigned seed) {
        Conversation{home, clock, seed, seen}.run();
        run_ready(home);
        EXPECT_EQ(core_of(home).blocks().leased(), 0U);
    });
}

/// Each thing that makes a difference has happened more than so often, unless something else has failed. Under a sanitizer the
/// rounds are too few to count, and so is one alone.
inline void expect_each_happens(std::initializer_list<std::size_t> counts, std::size_t least) {
    if (::testing::Test::HasFailure() || sanitized || std::getenv("FAIRLEAD_SEED"))
        return;
    std::size_t place = 0;
    for (const std::size_t each : counts)
        EXPECT_GT(each, least) << "number " << ++place << " hardly happens";
}

} // namespace fairlead::test
