#pragma once

#include "runtime/shard_core.hpp"

#include <cstdint>

namespace fairlead {

/// While it lives, no handler is to blame for a thread that does not come back: a large message takes time to be copied.
class library_work {
public:
    explicit library_work(shard_core& shard) noexcept : shard_{shard}, before_{shard.running()} {
        shard_.set_running(shard_loop::library);
    }
    library_work(const library_work&) = delete;
    library_work& operator=(const library_work&) = delete;
    ~library_work() { shard_.set_running(before_); }

private:
    shard_core& shard_;
    const std::uint64_t before_;
};

} // namespace fairlead
