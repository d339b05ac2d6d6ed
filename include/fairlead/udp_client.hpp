#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/shard.hpp>
#include <fairlead/time_limit.hpp>
#include <fairlead/url.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// How a `udp_client` uses its socket. What begins with `multicast_` matters for one that sends to a group.
struct udp_client_options {
    std::chrono::milliseconds deadline{10'000}; ///< for an awaited look-up of a name; 0: as long as the system takes

    std::size_t receive_buffer = 0; ///< bytes asked of the system (SO_RCVBUF, socket(7)); 0: as many as it gives
    std::size_t send_buffer = 0;    ///< the same for SO_SNDBUF

    int multicast_ttl = 1;      ///< how many networks away a datagram gets, 0 to 255; 1 is this one
    bool multicast_loop = true; ///< whether members of the group on this machine get it as well
    std::string multicast_interface =
        {}; ///< the network it leaves by, such as `eth0`; empty: the zone of the URL, or as
            ///< the system routes it
};

/// Sends and receives datagrams to and from one address. Delivery is not guaranteed: a datagram may arrive once, several times,
/// late or never. Number requests and retry.
///
///     client ── send: one datagram, at once ──▶ remote
///            ◀── receive: one datagram ───────         what comes from any other address is not received
///
/// So the answers of a group's members, which come from addresses of their own, are not received: to a group a client
/// sends only.
///
/// Thread safety: the thread of its shard. Lifetime: outlives its `receive`; its shard outlives it.
class udp_client : public peer {
public:
    /// Makes a client of the first of the URL's addresses that the system knows a way to. Nothing is sent yet, so whether
    /// a server listens there shows later.
    ///
    ///     auto server = co_await udp_client::connect(shard, "udp://example.org:9000");
    ///
    /// A name is looked up without holding up the shard; an answer after the deadline is forgotten.
    ///
    /// Errors: `errc::connect_timeout` after `udp_client_options::deadline`; of `resolver_category()` when the name cannot be
    /// resolved; of the system; see `describe`. Throws, before anything is awaited, std::invalid_argument for a URL that is
    /// not of UDP or has port 0, and for options that make no sense. Cancellation: all types; returns
    /// `boost::asio::error::operation_aborted`.
    /// Thread safety: to be awaited on the thread of `shard`.
    static boost::asio::awaitable<result<std::unique_ptr<udp_client>>> connect(shard& shard, std::string_view url);
    /// The same with options.
    static boost::asio::awaitable<result<std::unique_ptr<udp_client>>> connect(shard& shard, std::string_view url,
                                                                               const udp_client_options& options);

    /// The same at once, for use outside of coroutines. Blocks the thread while a name is looked up, without a deadline.
    static result<std::unique_ptr<udp_client>> connect(shard& shard, const url& url, udp_client_options options = {});

    /// Hands one datagram to the system, which sends or drops it; never waits.
    ///
    /// Errors: nothing was sent, and the client goes on: `errc::message_too_large` above 65,507 bytes over IPv4 and
    /// 65,527 over IPv6; `errc::would_block` while the system's send buffer is full; what the system reports, such as
    /// ENOBUFS, ENETUNREACH or EPERM. What it reports of datagrams sent earlier is for `receive` to tell. Or, after
    /// `close`, `errc::closed`.
    result<void> send(bytes_view message) override = 0;

    /// Waits up to `limit` for the next datagram and returns it; it may be empty. A limit of 0 or less looks once; others
    /// end up to 0.1 s late. Lets other sessions have their turn when many datagrams come at once. One caller at a time.
    /// The view is valid until the next `receive` or `try_receive`.
    ///
    /// Errors, after which it may be called again: `errc::timed_out`, and nothing that came is lost; what the network
    /// told of a datagram sent earlier, such as ECONNREFUSED when nobody listens on the remote port, or EMSGSIZE when
    /// it was too large for a network on the way; `errc::message_too_large` for a datagram that would have been cut,
    /// which is dropped; `boost::asio::error::operation_aborted` when the coroutine is cancelled (all types), and nothing is
    /// lost. The end: `errc::closed` after `close`, also when that came while it waited.
    virtual boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit = no_limit) = 0;

    /// A datagram that is already here, or nothing: then `receive` knows why.
    virtual std::optional<bytes_view> try_receive() = 0;

    /// Ends it at once; what has arrived and was not received is lost. May be called again.
    void close() override = 0;

    virtual endpoint local() const = 0; ///< the address of our end
    virtual int
    native_handle() const noexcept = 0; ///< the descriptor, for socket options that have no name here; -1 once closed
};

} // namespace fairlead
