#pragma once

#include "runtime/shard_core.hpp"

#include <cstdint>

namespace fairlead {

/// While it lives, the library works, and no handler is blamed for a late thread: copying a large message takes time.
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
