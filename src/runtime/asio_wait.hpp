#pragma once

#include "runtime/handler_memory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <cstdint>
#include <optional>

namespace fairlead {

class shard_loop;

/// Makes the turns of a shard inside an io_context of the program, which waits for the poller of the shard.
///
///     idle ──something to wait for──▶ waiting ──a socket is ready──▶ turns ──▶ idle or waiting
///       └──────────── request_turn, from any thread ────────────────▲
///
/// The io_context waits only while the shard has work left, so the `run` of the program can return.
///
/// Thread safety: the thread that runs the io_context; `request_turn` from any. Lifetime: handlers in
/// the io_context refer to this object; shard_keeper.hpp keeps it alive as long as the io_context.
class asio_wait {
public:
    /// Errors: throws boost::system::system_error when the system has no more descriptors.
    asio_wait(shard_loop& loop, boost::asio::io_context& program, int poller);

    /// Requests turns soon. Without memory for the request, the next event of a socket makes them.
    void request_turn() noexcept;

    /// Makes no more turns.
    void close() noexcept;

private:
    enum class state : std::uint8_t { idle, waiting, closed };

    void make_turns();
    void wait_if_needed();

    shard_loop& loop_;
    boost::asio::io_context& program_;
    std::optional<boost::asio::posix::stream_descriptor> poller_;
    handler_memory waiting_;
    std::atomic<bool> requested_{false};
    state state_ = state::idle;
};

} // namespace fairlead
