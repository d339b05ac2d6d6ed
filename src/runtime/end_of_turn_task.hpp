#pragma once

#include "core/intrusive_list.hpp"

namespace fairlead {

/// Work that a shard does once at the end of its current turn, however often it was asked for. It takes no memory.
class end_of_turn_task : public list_hook<end_of_turn_task> {
protected:
    end_of_turn_task() noexcept = default;
    ~end_of_turn_task() = default;

private:
    friend class shard_loop;
    virtual void end_of_turn() = 0;
};

} // namespace fairlead
