#pragma once

#include "runtime/handler_memory.hpp"

#include <fairlead/error.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <new>

namespace fairlead {

/// Waits for `timer` with memory put aside. The timer's queue may still need some; where there is none, `handler` is
/// called in a later turn instead, as if the time had come: too early is better than never.
///
/// Lifetime: as `handler_memory`.
template <class Handler>
void await_timer(boost::asio::steady_timer& timer, handler_memory& memory, Handler handler) {
    try {
        timer.async_wait(memory.bind(handler));
    } catch (const std::bad_alloc&) {
        boost::asio::post(timer.get_executor(), memory.bind([handler] { handler(error_code{}); }));
    }
}

} // namespace fairlead
