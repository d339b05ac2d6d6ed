#pragma once

#include <fairlead/api.hpp>
#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/transport/event.hpp>

#include <cstddef>
#include <limits>

namespace FAIRLEAD_API fairlead {

/// Bytes in order to and from one peer: a TCP connection, or a script in a test.
///
/// Reading and writing never wait. On `errc::would_block`, await `readable()` or `writable()` and retry:
///
///     try_fill(input, plenty) ── bytes ──▶ decode …
///        │ would_block
///        └──▶ co_await readable().wait() ──▶ try_fill(input, plenty)
///
/// Thread safety: one thread at a time, that of its shard.
class stream {
public:
    virtual ~stream() = default;

    /// For `try_fill`: as many as are there and fit into a buffer of the usual size.
    static constexpr std::size_t plenty = std::numeric_limits<std::size_t>::max();

    /// Adds what has arrived, about `most` bytes, to `input` and gives its size, at least 1. Room is taken from `input`
    /// only when there may be something to read.
    ///
    /// Errors: `errc::would_block`; `errc::closed` once the peer has ended its side; what the system reports.
    virtual result<std::size_t> try_fill(byte_buffer& input, std::size_t most) = 0;

    /// True if `try_fill` is known to return `errc::would_block` until `readable` is notified. Saves calls.
    virtual bool drained() const noexcept { return false; }

    /// Hands as much of `bytes` to the peer as it takes now and gives that size, at least 1. After a size less than all, as
    /// after `errc::would_block`, the caller waits for `writable`.
    ///
    /// Errors: `errc::would_block`; `errc::closed` after `close`; what the system reports.
    virtual result<std::size_t> try_write(bytes_view bytes) = 0;

    /// Writes two buffers, one behind the other, and returns the total size taken. The default implementation makes two writes;
    /// a transport that can, makes one.
    virtual result<std::size_t> try_write_both(bytes_view head, bytes_view body);

    virtual event& readable() noexcept = 0; ///< notified when `try_fill` is worth calling again
    virtual event& writable() noexcept = 0; ///< notified when `try_write` is worth calling again

    /// Makes the next `try_fill` ask the system even if `readable` was not notified.
    virtual void look_again() noexcept {}

    /// Tells the peer that no more bytes will come; reading goes on.
    virtual void shutdown() noexcept = 0;

    /// Closes both directions; pending waits complete in a later turn. May be called again.
    virtual void close() noexcept = 0;

    virtual endpoint local() const = 0;                       ///< the address of our end
    virtual endpoint remote() const = 0;                      ///< the address of the peer
    virtual int native_handle() const noexcept { return -1; } ///< the descriptor, or -1
};

} // namespace fairlead
