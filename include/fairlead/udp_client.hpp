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

/// Options of a `udp_client`.
///
///     const udp_client_options options{.multicast_ttl = 4, .multicast_interface = "eth0"};
///
/// Those that begin with `multicast_` concern a client that sends to a group.
struct udp_client_options {
    std::chrono::milliseconds deadline{10'000}; ///< for the look-up of a name; 0: as long as the system takes

    std::size_t receive_buffer = 0; ///< bytes (SO_RCVBUF, socket(7)); 0: the default of the system
    std::size_t send_buffer = 0;    ///< the same for SO_SNDBUF

    int multicast_ttl = 1;      ///< hops a datagram may travel, 0 to 255; 1: this network only
    bool multicast_loop = true; ///< true: members of the group on this machine receive it too

    /// The interface that datagrams leave by, such as `eth0`. Empty: the zone of the URL, or the choice of the system.
    std::string multicast_interface = {};
};

/// Sends and receives datagrams to and from one address. Delivery is not guaranteed: a datagram may arrive once, several times,
/// late or never. Number requests and retry.
///
///     client ── send: one datagram ────▶ remote
///            ◀── receive: one datagram ─        datagrams from other addresses are not received
///
/// A client can send to a multicast group, but does not receive the answers of its members, which come from other addresses.
///
/// Thread safety: the thread of its shard; other threads send and close by its `handle()`. At most 4 MiB of their messages wait
/// for the shard. Lifetime: the client outlives its `receive`; the shard outlives the client.
class udp_client : public peer {
public:
    /// Makes a client for the first address of the URL to which the system has a route. Sends nothing, so a missing server is
    /// noticed later.
    ///
    ///     const auto server = co_await udp_client::connect(shard, "udp://example.org:9000");
    ///     if (server) {
    ///         (*server)->send("ping");
    ///         const auto reply = co_await (*server)->receive(200ms);
    ///         if (reply)
    ///             std::cout << reply->text() << '\n';
    ///     }
    ///
    /// The name is looked up on another thread.
    ///
    /// Errors: `errc::connect_timeout` after `udp_client_options::deadline`; `errc::refused_by_limit` if 4,096 look-ups wait
    /// already; those of `resolver_category()` if the name cannot be resolved; those of the system; see `describe`. Throws
    /// std::invalid_argument, before the first wait, for a URL of another transport or with port 0, and for options that
    /// contradict each other. Cancellation: all types; returns `boost::asio::error::operation_aborted`. Thread safety: awaited on
    /// the thread of `shard`.
    static boost::asio::awaitable<result<std::unique_ptr<udp_client>>> connect(fairlead::shard& shard,
                                                                               std::string_view url);
    /// The same with options.
    static boost::asio::awaitable<result<std::unique_ptr<udp_client>>>
    connect(fairlead::shard& shard, std::string_view url, const udp_client_options& options);

    /// As above, outside of coroutines. Blocks the thread while a name is looked up, without a deadline. Errors: as above, without
    /// `errc::connect_timeout` and `errc::refused_by_limit`.
    static result<std::unique_ptr<udp_client>> connect_blocking(fairlead::shard& shard, const url& url,
                                                                udp_client_options options = {});

    /// Hands one datagram to the system; never waits.
    ///
    /// Errors: nothing was sent, and the client continues: `errc::message_too_large` above 65,507 bytes over IPv4 and 65,527
    /// over IPv6; `errc::would_block` while the send buffer of the system is full; those of the system, such as ENOBUFS,
    /// ENETUNREACH or EPERM. `receive` returns the errors of datagrams sent earlier. After `close`: `errc::closed`.
    result<void> send(bytes_view message) override = 0;

    /// Waits up to `limit` for the next datagram and returns it. A datagram may be empty. A limit of 0 or less does not wait;
    /// other limits are precise to a millisecond and never early. One caller at a time. When many datagrams arrive at once, the
    /// other sessions of the shard have their turns in between.
    ///
    /// Errors after which the client continues:
    ///
    /// - `errc::timed_out`: no datagram arrived within `limit`.
    /// - errors that the network reported for an earlier datagram, such as ECONNREFUSED (no socket at the remote port) or
    ///   EMSGSIZE (too large for a network on the way).
    /// - `errc::message_too_large`: a datagram was too large for the buffer and was dropped.
    ///
    /// After `close`, also during the wait: `errc::closed`. Cancellation: all types; returns
    /// `boost::asio::error::operation_aborted`, and no datagram is lost.
    /// Lifetime: the view is valid until the next `receive` or `try_receive`.
    virtual boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit = no_limit) = 0;

    /// Returns a datagram that has arrived. Returns nullopt if there is none, if an error is pending, after `close`, and after 64
    /// datagrams in one turn: then await `receive`.
    virtual std::optional<bytes_view> try_receive() = 0;

    /// Closes at once; datagrams not yet received are lost. May be called again.
    void close() override = 0;

    fairlead::shard& shard() noexcept override = 0; ///< the shard it was made on
    virtual endpoint local() const = 0;             ///< the address of this client
    virtual int native_handle() const noexcept = 0; ///< the descriptor of the socket; -1 after `close`
};

} // namespace fairlead
