#pragma once

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>

namespace fairlead {

/// Returns true if the coroutine to which `state` belongs was cancelled.
///
///     co_await changed_.wait();
///     const auto state = co_await boost::asio::this_coro::cancellation_state;
///     if (is_cancelled(state))
///         co_return error_code{boost::asio::error::operation_aborted};
inline bool is_cancelled(const boost::asio::cancellation_state& state) noexcept {
    return state.cancelled() != boost::asio::cancellation_type::none;
}

/// Returns true if `thrown` is the exception with which a cancelled coroutine ends.
inline bool is_end_of_cancelled(const std::exception_ptr& thrown) noexcept {
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& failed) {
        return failed.code() == boost::asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

} // namespace fairlead
