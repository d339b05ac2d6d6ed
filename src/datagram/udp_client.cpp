#include <fairlead/udp_client.hpp>

#include "core/cancellation.hpp"
#include "core/system_error.hpp"
#include "datagram/client_socket.hpp"
#include "datagram/client_target.hpp"
#include "datagram/udp_connect.hpp"
#include "datagram/udp_socket.hpp"
#include "net/resolve.hpp"
#include "runtime/alarm.hpp"
#include "runtime/name_lookup.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <cassert>
#include <cerrno>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace fairlead {

namespace {

// What one client may receive before the others of its shard have their turn.
constexpr unsigned max_received_per_turn = 64;

// Larger than any datagram.
constexpr std::size_t receive_room = 64 * 1024;

// What the system says of the datagram at hand. Anything else the network may have told of an earlier one (ICMP, see
// ip(7) and udp(7)); who is told it once is not told it again.
bool is_about_this_one(const error_code& failed) noexcept {
    const int code = failed.value();
    return code == EAGAIN || code == ENOBUFS || code == ENOMEM || code == EPERM;
}

error_code in_our_words(const error_code& failed) noexcept {
    switch (failed.value()) {
    case EAGAIN: return errc::would_block;
    case EMSGSIZE: return errc::message_too_large;
    default: return failed;
    }
}

} // namespace

namespace {

class udp_client_impl;

/// The descriptor on the poller of its shard.
class client_descriptor final : private readiness_handler {
public:
    client_descriptor(shard_core& shard, unique_descriptor made) noexcept
        : shard_{shard}, descriptor_{std::move(made)} {}
    client_descriptor(const client_descriptor&) = delete;
    client_descriptor& operator=(const client_descriptor&) = delete;
    ~client_descriptor() {
        if (owner_)
            shard_.unwatch(descriptor_.get(), *this);
    }

    error_code watch(udp_client_impl& owner) {
        const error_code failed = shard_.watch(descriptor_.get(), *this, interest::read);
        if (!failed)
            owner_ = &owner;
        return failed;
    }

    int get() const noexcept { return descriptor_.get(); }

private:
    void on_readable(bool) override;
    void on_writable() override {}

    shard_core& shard_;
    unique_descriptor descriptor_;
    udp_client_impl* owner_ = nullptr; // once it is watched
};

class udp_client_impl final : public udp_client, private shutdown_hook, private end_of_turn_task {
public:
    udp_client_impl(shard_core& shard, std::unique_ptr<client_descriptor> made, const endpoint& remote,
                    const endpoint& local)
        : shutdown_hook{shard}, shard_{shard}, socket_{std::move(made)}, remote_{remote}, local_{local},
          input_{shard.blocks()} {}
    ~udp_client_impl() override {
        if (target_)
            target_->close_to_senders();
    }

    error_code start() { return socket_->watch(*this); }
    void on_event() { changed_.notify(); }

    result<void> send(bytes_view message) override;
    boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit) override;
    std::optional<bytes_view> try_receive() override;
    void close() override;
    endpoint remote() const override { return remote_; }
    endpoint local() const override { return local_; }
    fairlead::shard& shard() noexcept override { return facade_of(shard_); }
    peer_handle handle() override;
    int native_handle() const noexcept override { return socket_ ? socket_->get() : -1; }

private:
    error_code try_send(bytes_view message) noexcept;
    result<bytes_view> next();
    boost::asio::awaitable<void> yield();
    void wake() noexcept;
    void end_of_turn() override;
    void on_shard_shutdown() override;

    shard_core& shard_;
    std::unique_ptr<client_descriptor> socket_; // none once closed
    const endpoint remote_;
    const endpoint local_;
    byte_buffer input_;
    std::shared_ptr<client_target> target_;
    event changed_;      // something may have come, or the wait is over
    error_code earlier_; // what was found out about a datagram sent earlier, for `receive` to tell
    unsigned received_this_turn_ = 0;
};

void client_descriptor::on_readable(bool) {
    owner_->on_event();
}

// --- its handles

peer_handle udp_client_impl::handle() {
    if (!target_) {
        target_ = std::make_shared<client_target>(shard_.inbox(), *this, remote_);
        if (!socket_)
            target_->close_to_senders();
    }
    return target_->handle();
}

// --- sending

result<void> udp_client_impl::send(bytes_view message) {
    if (!socket_)
        return errc::closed;
    if (message.size() > max_payload(remote_.family() == AF_INET))
        return errc::message_too_large;
    const error_code failed = try_send(message);
    if (!failed)
        return {};
    if (is_about_this_one(failed))
        return in_our_words(failed);
    const error_code again = try_send(message);
    if (again != failed) {
        earlier_ = failed;
        wake(); // the poller finds no error any more
    }
    return again ? in_our_words(again) : result<void>{};
}

error_code udp_client_impl::try_send(bytes_view message) noexcept {
    for (;;) {
        if (::send(socket_->get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0)
            return {};
        if (errno != EINTR)
            return last_system_error();
    }
}

boost::asio::awaitable<result<bytes_view>> udp_client_impl::receive(std::chrono::milliseconds limit) {
    assert(!changed_.awaited()); // one caller at a time
    const alarm end{shard_, limit, changed_};
    for (;;) {
        if (received_this_turn_ >= max_received_per_turn)
            co_await yield();
        const bool last_look = end.rung(); // what came together with the time limit came in time
        const auto message = next();
        if (message || message.error() != errc::would_block)
            co_return message;
        if (last_look)
            co_return errc::timed_out;
        co_await changed_.wait();
        received_this_turn_ = 0;
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
}

std::optional<bytes_view> udp_client_impl::try_receive() {
    if (earlier_)
        return {};
    if (received_this_turn_ >= max_received_per_turn) {
        shard_.at_end_of_turn(*this);
        return {};
    }
    const auto message = next();
    if (message)
        return *message;
    if (message.error() != errc::would_block && message.error() != errc::closed)
        earlier_ = message.error();
    return {};
}

// A datagram, an error that ends no more than this look, or `errc::would_block`.
result<bytes_view> udp_client_impl::next() {
    if (!socket_)
        return errc::closed;
    if (earlier_)
        return std::exchange(earlier_, {});
    const auto room = input_.prepare(receive_room);
    ssize_t got = 0;
    do
        got = ::recv(socket_->get(), room.data(), room.size(), MSG_TRUNC);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        const error_code failed = errno == EAGAIN ? make_error_code(errc::would_block) : last_system_error();
        input_.release();
        return failed;
    }
    ++received_this_turn_;
    const auto size = static_cast<std::size_t>(got); // the real one, whatever there was room for
    if (size > room.size())
        return errc::message_too_large;
    return bytes_view{room.data(), size};
}

boost::asio::awaitable<void> udp_client_impl::yield() {
    co_await boost::asio::post(shard_.executor(), boost::asio::deferred);
    received_this_turn_ = 0;
}

void udp_client_impl::close() {
    if (!socket_)
        return;
    socket_.reset();
    if (target_)
        target_->close_to_senders();
    wake();
}

// Who waits in `receive` looks again at the end of this turn.
void udp_client_impl::wake() noexcept {
    if (changed_.awaited())
        shard_.at_end_of_turn(*this);
}

void udp_client_impl::end_of_turn() {
    received_this_turn_ = 0;
    changed_.notify();
}

// A coroutine that waits here and owns this would never be destroyed.
void udp_client_impl::on_shard_shutdown() {
    close();
    changed_.notify_later(shard_.executor());
}

result<std::unique_ptr<udp_client>> make_client(shard_core& core, const std::vector<endpoint>& addresses,
                                                const udp_client_options& options) {
    auto opened = open_client_socket(addresses, options);
    if (!opened)
        return opened.error();
    const auto local = local_endpoint(opened->socket.get(), transport::udp);
    if (!local)
        return local.error();
    auto made = std::make_unique<udp_client_impl>(
        core, std::make_unique<client_descriptor>(core, std::move(opened->socket)), opened->remote, *local);
    if (const error_code failed = made->start())
        return failed;
    return std::unique_ptr<udp_client>{std::move(made)};
}

} // namespace

boost::asio::awaitable<result<std::unique_ptr<udp_client>>> connect_udp(shard_core& shard, resolver& names, url url,
                                                                        udp_client_options options) {
    name_lookup lookup{shard};
    const auto found = co_await lookup.run(names, url, give_up_at(shard.now(), options.deadline));
    if (!found)
        co_return found.error();
    co_return make_client(shard, *found, options);
}

boost::asio::awaitable<result<std::unique_ptr<udp_client>>>
udp_client::connect(fairlead::shard& shard, std::string_view url, const udp_client_options& options) {
    auto parsed = url::parse(url);
    check_client(parsed, options);
    return connect_udp(core_of(shard), resolver::of_process(), std::move(parsed), options);
}

boost::asio::awaitable<result<std::unique_ptr<udp_client>>> udp_client::connect(fairlead::shard& shard,
                                                                                std::string_view url) {
    return connect(shard, url, udp_client_options());
}

result<std::unique_ptr<udp_client>> udp_client::connect_blocking(fairlead::shard& shard, const url& url,
                                                                 udp_client_options options) {
    check_client(url, options);
    const auto found = resolve(url, resolve_for::connecting);
    if (!found)
        return found.error();
    return make_client(core_of(shard), *found, options);
}

} // namespace fairlead
