#pragma once

#include <fairlead/api.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace FAIRLEAD_API fairlead {

/// A session that forwards each call to another one. Derive from it to change some of the calls, for a layer of your own:
///
///     class numbered : public session_adapter {               // numbers the messages that the handler sends
///     public:
///         using session_adapter::session_adapter;
///         result<void> send(bytes_view message) override {
///             return adapted().send(std::to_string(++sent_) + " " + to_string(message));
///         }
///
///     private:
///         int sent_ = 0;
///     };
///
///     session_handler numbering(handler inner) {
///         return [inner = std::move(inner)](session& peer) mutable -> boost::asio::awaitable<void> {
///             numbered outgoing{peer};
///             co_await inner.serve(outgoing);
///         };
///     }
///
/// It may be used wherever a session is used, also for `topics`. Messages of topics and handles go to the adapted session and do
/// not pass the adapter. To change the messages that are received, override both `receive` and `try_receive`; to refuse some of
/// them, use `filtered`. `receive_part` is not forwarded: it calls `receive`, so that no message passes by an adapter. To change the
/// messages that are sent, override `send`, and `begin_message`, `send_part` and `end_message` with it.
///
/// Thread safety: as `session`. Lifetime: the adapted session outlives this.
class session_adapter : public session {
public:
    /// Forwards to `adapted`.
    explicit session_adapter(session& adapted) noexcept : adapted_{adapted} {}
    session_adapter(const session_adapter&) = delete;
    session_adapter& operator=(const session_adapter&) = delete;

    session& adapted() const noexcept { return adapted_; } ///< returns the session that gets the calls

    result<void> send(bytes_view message) override { return adapted_.send(message); }
    std::span<unsigned char> writable(bytes_view message) override { return adapted_.writable(message); }
    void close() override { adapted_.close(); }
    endpoint remote() const override { return adapted_.remote(); }
    peer_handle handle() override { return adapted_.handle(); }
    fairlead::shard& shard() noexcept override { return adapted_.shard(); }

    boost::asio::awaitable<result<bytes_view>> receive() override { return adapted_.receive(); }
    boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit) override {
        return adapted_.receive(limit);
    }
    std::optional<bytes_view> try_receive() override { return adapted_.try_receive(); }
    boost::asio::awaitable<result<void>> begin_message(std::optional<std::uint64_t> size) override {
        return adapted_.begin_message(size);
    }
    boost::asio::awaitable<result<void>> send_part(bytes_view part) override { return adapted_.send_part(part); }
    result<void> end_message() override { return adapted_.end_message(); }
    boost::asio::awaitable<error_code> ended() override { return adapted_.ended(); }
    bool stopping() const noexcept override { return adapted_.stopping(); }
    boost::asio::awaitable<result<void>> flush() override { return adapted_.flush(); }
    boost::asio::awaitable<result<void>> shutdown() override { return adapted_.shutdown(); }
    boost::asio::awaitable<void> close_gracefully() override { return adapted_.close_gracefully(); }
    void abort(error_code why) override { adapted_.abort(why); }
    void reset(error_code why) override { adapted_.reset(why); }
    fairlead::limits limits() const override { return adapted_.limits(); }
    void set_limits(const fairlead::limits& bounds) override { adapted_.set_limits(bounds); }
    fairlead::close_reason close_reason() const override { return adapted_.close_reason(); }
    bool is_reusable() override { return adapted_.is_reusable(); }
    endpoint local() const override { return adapted_.local(); }
    std::uint64_t id() const noexcept override { return adapted_.id(); }
    int native_handle() const noexcept override { return adapted_.native_handle(); }
    std::optional<tls_info> tls() const override { return adapted_.tls(); }
    std::optional<proxy_info> proxy() const override { return adapted_.proxy(); }
    std::optional<websocket_info> websocket() const override { return adapted_.websocket(); }
    endpoint transport_remote() const override { return adapted_.transport_remote(); }

private:
    session& adapted_;
};

} // namespace fairlead
