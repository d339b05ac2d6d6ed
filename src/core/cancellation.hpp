#pragma once

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>

namespace fairlead {

/// Whether the coroutine was cancelled that `state` is of.
///
///     co_await changed_.wait();
///     const auto state = co_await boost::asio::this_coro::cancellation_state;
///     if (is_cancelled(state))
///         co_return error_code{boost::asio::error::operation_aborted};
inline bool is_cancelled(const boost::asio::cancellation_state& state) noexcept {
    return state.cancelled() != boost::asio::cancellation_type::none;
}

} // namespace fairlead
