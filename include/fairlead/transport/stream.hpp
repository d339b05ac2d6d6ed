#pragma once

#include <fairlead/api.hpp>
#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/transport/event.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Interface of a transport: bytes in order to and from one peer, such as a TCP connection or a script in a test.
///
/// Reading and writing never wait. On `errc::would_block`, await `readable()` or `writable()` and retry:
///
///     try_fill(input, plenty) ── bytes ──▶ decode …
///        │ would_block
///        └──▶ co_await readable().wait() ──▶ try_fill(input, plenty)
///
/// apps/examples/masked_stream.hpp is a worked example; docs/transport.md lists the rules that a session relies on.
///
/// Thread safety: the thread of its shard.
class stream {
public:
    virtual ~stream() = default;

    /// For `try_fill`: as many bytes as have arrived and fit into a buffer of the usual size.
    static constexpr std::size_t plenty = std::numeric_limits<std::size_t>::max();

    /// Appends bytes that have arrived, about `most`, to `input` and returns their number, at least 1. Allocates in `input` only
    /// if there may be bytes to read.
    ///
    /// Errors: `errc::would_block`; `errc::closed` once the peer has ended its side; those of the system.
    virtual result<std::size_t> try_fill(byte_buffer& input, std::size_t most) = 0;

    /// Returns true if `try_fill` returns `errc::would_block` until `readable` is notified. Saves calls.
    virtual bool drained() const noexcept { return false; }

    /// Writes as many of `bytes` as the transport accepts now and returns their number, at least 1. If it is less than all, the
    /// caller waits for `writable`, as after `errc::would_block`, and offers the rest again, perhaps with more bytes behind it. Returns
    /// the number of all bytes only once none of them waits in this stream.
    ///
    /// Errors: `errc::would_block`; `errc::closed` after `close`; those of the system.
    virtual result<std::size_t> try_write(bytes_view bytes) = 0;

    /// Writes two buffers, one after the other, and returns the total number of bytes accepted. The default implementation
    /// makes two writes. Override it if the transport can gather both into one.
    virtual result<std::size_t> try_write_both(bytes_view head, bytes_view body);

    virtual event& readable() noexcept = 0; ///< notified when `try_fill` is worth calling again
    virtual event& writable() noexcept = 0; ///< notified when `try_write` is worth calling again

    /// Makes the next `try_fill` read, even if `readable` was not notified.
    virtual void look_again() noexcept {}

    /// Ends the writing direction. Reading continues. A stream that has bytes to write first keeps an `event::waiter` in
    /// `writable()` until they are gone; a session calls `close` after that, or after `limits::write_timeout`. A session calls
    /// `shutdown` once.
    virtual void shutdown() noexcept = 0;

    /// Closes both directions; pending waits complete in a later turn. May be called again.
    virtual void close() noexcept = 0;

    virtual endpoint local() const = 0;                       ///< the address of this side
    virtual endpoint remote() const = 0;                      ///< the address of the peer
    virtual int native_handle() const noexcept { return -1; } ///< the descriptor of the socket, or -1

    /// Returns more words about the error that ended this stream than its code has; empty if there are none. They become a part of
    /// `close_reason::detail`.
    virtual std::string explain() const { return {}; }

    /// Returns the result of the TLS handshake; nullopt if the stream is not one of TLS.
    virtual std::optional<tls_info> tls() const { return {}; }

    /// Returns the address at the other end of the transport: that of a proxy, if one announced `remote()`.
    virtual endpoint transport_remote() const { return remote(); }

    /// Returns the PROXY header before the stream; nullopt if there was none.
    virtual std::optional<proxy_info> proxy() const { return {}; }
};

} // namespace fairlead
