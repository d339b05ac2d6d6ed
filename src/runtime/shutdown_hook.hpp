#pragma once

#include "core/intrusive_list.hpp"

namespace fairlead {

class shard_core;

/// Base for objects that must release suspended coroutines at shard shutdown. A coroutine that owns
/// the event it waits for would otherwise never be destroyed.
class shutdown_hook : public list_hook<shutdown_hook> {
protected:
    explicit shutdown_hook(shard_core& shard) noexcept;
    ~shutdown_hook() = default;

private:
    friend class shard_core;

    /// Moves every coroutine that waits for this to the shard's queue, which then destroys it.
    virtual void on_shard_shutdown() = 0;
};

} // namespace fairlead
