#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace FAIRLEAD_API fairlead {

class handle_target;

/// Refers to a peer from any thread. May be copied, and may outlive the peer. Get it from `peer::handle()`:
///
///     auto job = [to = from.handle()] { to.send("from another thread"); };
///     boost::asio::post(workers, job);        // a boost::asio::thread_pool of the program
///
/// | a handle of              | sends                                       | expires                                |
/// |--------------------------|---------------------------------------------|----------------------------------------|
/// | a session                | as `session::send`                          | after `close`, `shutdown` or the end   |
/// | the sender of a datagram | to its address, from the UDP socket it used | when the server stops listening there  |
/// | `udp_sender::known_peer` | the same                                    | the same                               |
/// | a `udp_client`           | as `udp_client::send`                       | when it is closed or destroyed         |
///
/// Replies to one datagram are counted together, whether they are sent in the handler or later through a handle:
/// `udp_options::max_reply_ratio` bounds their bytes. `reply_rate` and `answer_services` hold as well. For more than replies, see
/// `udp_sender`.
class peer_handle {
public:
    peer_handle() noexcept = default; ///< refers to no peer; always expired

    /// Queues a copy of the message for the peer. Messages that one thread sends keep their order. On the thread of the shard,
    /// inside a handler or coroutine, this is the `send` of the peer.
    ///
    /// Errors: `errc::closed` once the handle has expired; `errc::send_queue_full` if `limits::max_write_buffer` would be
    /// exceeded, where each waiting message counts 128 bytes more. For datagrams, `limits::max_write_buffer` of the listener
    /// bounds the messages of all its handles that wait for a thread. An error that the peer finds later, such as
    /// `errc::refused_by_limit`, is logged. A message is dropped if the peer ends first. Throws std::bad_alloc.
    result<void> send(bytes_view message) const;

    /// As `peer::close`. Has no effect on the sender of a datagram. Errors: throws std::bad_alloc.
    void close() const;
    /// As `session::abort`; closes a `udp_client`. Has no effect on the sender of a datagram. Errors: throws std::bad_alloc.
    void abort(error_code why) const;

    std::uint64_t id() const noexcept; ///< `session::id`; 0 for a peer without a session
    endpoint remote() const;           ///< the address of the peer, also after its end

    bool expired() const noexcept; ///< true if `send` can no longer succeed

    /// Returns true for handles of the same session, of the same `udp_client`, or of the same remote address at the same UDP
    /// listener.
    friend bool operator==(const peer_handle& a, const peer_handle& b) noexcept { return a.is_same(b); }

    /// Returns a hash value; equal handles have equal values.
    std::size_t hash() const noexcept;

private:
    friend class handle_target;
    explicit peer_handle(std::shared_ptr<handle_target> target) noexcept : target_{std::move(target)} {}

    bool is_same(const peer_handle& other) const noexcept;

    std::shared_ptr<handle_target> target_;
};

} // namespace fairlead

/// Hashes a handle by `peer_handle::hash`.
template <>
struct std::hash<fairlead::peer_handle> {
    std::size_t operator()(const fairlead::peer_handle& hashed) const noexcept { return hashed.hash(); }
};
