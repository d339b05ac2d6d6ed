#include <fairlead/testkit/manual_clock.hpp>

#include "runtime/shard_core.hpp"

namespace fairlead::testkit {

manual_clock::manual_clock(shard& shard) noexcept : shard_{shard} {
    core_of(shard).set_clock_manual();
}

shard::clock::time_point manual_clock::now() const noexcept {
    return core_of(shard_).steady_now();
}

void manual_clock::advance(std::chrono::milliseconds duration) {
    shard_core& core = core_of(shard_);
    for (const ticks end = core.now() + std::chrono::ceil<ticks>(duration); core.now() < end;)
        core.loop().as_turn([&] { core.pass(ticks{1}); });
}

void manual_clock::block_for(std::chrono::milliseconds duration) {
    shard_core& core = core_of(shard_);
    core.loop().as_turn([&] { core.pass(std::chrono::ceil<ticks>(duration)); });
}

} // namespace fairlead::testkit
