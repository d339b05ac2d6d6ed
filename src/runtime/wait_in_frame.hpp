#pragma once

#include "runtime/handler_memory.hpp"

#include <fairlead/transport/event.hpp>

#include <boost/asio/async_result.hpp>

#include <utility>

namespace fairlead {

/// `event::wait` with its memory in the frame of the coroutine that awaits it, which is cheaper than to allocate it.
///
///     co_await wait_in_frame(changed_);
///
/// Lifetime: outlives the wait, as an operand of `co_await` does.
class wait_in_frame {
public:
    explicit wait_in_frame(event& awaited) noexcept : awaited_{awaited} {}

    template <boost::asio::completion_token_for<void()> CompletionToken>
    auto operator()(CompletionToken&& token) {
        return awaited_.wait()(memory_.bind(std::forward<CompletionToken>(token)));
    }

private:
    event& awaited_;
    handler_memory_of<64> memory_;
};

} // namespace fairlead
