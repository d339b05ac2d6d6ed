#pragma once

#include "core/intrusive_list.hpp"

namespace fairlead {

/// Base for work that a shard does once at the end of its current turn, however often it was
/// requested. A request allocates nothing.
class end_of_turn_task : public list_hook<end_of_turn_task> {
protected:
    end_of_turn_task() noexcept = default;
    ~end_of_turn_task() = default;

private:
    friend class shard_loop;
    virtual void end_of_turn() = 0;
};

} // namespace fairlead
