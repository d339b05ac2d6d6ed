#pragma once

#include "runtime/sleep_queue.hpp"
#include "session/session_pause.hpp"

#include <fairlead/layers/filtered.hpp>
#include <fairlead/session_adapter.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <concepts>
#include <optional>
#include <vector>

namespace fairlead {

/// A session as the handler inside of a layer sees it.
///
///     receive() ──▶ done() ──▶ next message ──▶ judge() ──pass──▶ in hand ──enter()──true──▶ begin(), the handler
///                                  ▲               │                 ▲         └───false──▶ wait()
///                                  └─────drop──────┘                 └──────────────────────────┘
///
/// One message at most is in hand; while it waits there, the session is not read. It stays in hand if `receive`
/// is cancelled or its limit passes, until the session ends. If the server stops while the message waits, it is
/// dropped with all others that have arrived.
class layer_session : public session_adapter {
public:
    using session_adapter::session_adapter;

    boost::asio::awaitable<result<bytes_view>> receive() final { return receive_until({}); }
    boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit) final;
    std::optional<bytes_view> try_receive() final;
    boost::asio::awaitable<error_code> ended() final;

protected:
    using time_point = sleep_queue::time_point;

    time_point now() noexcept { return core_of(shard()).steady_now(); }

    /// Waits until `enter` may return true, or for a while, but not longer than `until`.
    virtual boost::asio::awaitable<session_pause::outcome> wait(time_point until);

private:
    virtual void done() noexcept {}                             ///< the handler has asked for the next message
    virtual verdict judge(bytes_view) { return verdict::pass; } ///< decides about a message that has arrived
    virtual bool enter() { return true; }                       ///< true if the handler may get the message in hand
    virtual void begin(bytes_view) {}                           ///< the handler gets the message
    virtual void waited() noexcept {}                           ///< a message has begun to wait, once for each
    virtual void dropped() noexcept {}                          ///< a message is lost, because the session ends

    boost::asio::awaitable<result<bytes_view>> receive_until(std::optional<time_point> end);
    boost::asio::awaitable<result<bytes_view>> receive_next(std::optional<time_point> end);
    boost::asio::awaitable<error_code> drop_rest();
    void finish_last();
    bool has_ended();
    void keep();
    void lose();
    bool takes(bytes_view message);
    bytes_view give();

    std::optional<bytes_view> in_hand_;
    bool waits_ = false;              // the message in hand
    std::vector<unsigned char> kept_; // a datagram that waits
};

/// Serves `peer` by `inner`, with a layer between them. Lifetime: all outlive the coroutine.
template <std::derived_from<layer_session> Layer, class... Context>
boost::asio::awaitable<void> serve_behind(handler& inner, session& peer, Context&... context) {
    Layer between{peer, context...};
    co_await inner.serve(between);
}

} // namespace fairlead
