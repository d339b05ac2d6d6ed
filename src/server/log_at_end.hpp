#pragma once

#include "log/log_exceptions.hpp"
#include "runtime/shard_executor.hpp"

#include <exception>

namespace fairlead {

/// Completion handler of a coroutine; logs its exception. It names the type of its executor, so the copy that
/// Asio keeps with each coroutine takes 16 bytes, and not the 56 bytes of an executor of any type.
struct log_at_end {
    using executor_type = shard_executor;
    executor_type get_executor() const noexcept { return executor; }
    void operator()(std::exception_ptr thrown) const noexcept { log_if_thrown(thrown); }
    executor_type executor;
};

} // namespace fairlead
