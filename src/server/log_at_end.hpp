#pragma once

#include "log/log_exceptions.hpp"
#include "runtime/shard_executor.hpp"

#include <exception>

namespace fairlead {

/// A handler for the end of a coroutine, which logs its exception. Asio keeps a copy of its executor with each coroutine: of this
/// type, 16 bytes, rather than of any type, 56 bytes, because this says which it is.
struct log_at_end {
    using executor_type = shard_executor;
    executor_type get_executor() const noexcept { return executor; }
    void operator()(std::exception_ptr thrown) const noexcept { log_if_thrown(thrown); }
    executor_type executor;
};

} // namespace fairlead
