#pragma once

#include "datagram/client_descriptor.hpp"
#include "datagram/client_target.hpp"
#include "runtime/end_of_turn_task.hpp"
#include "runtime/shard_core.hpp"
#include "runtime/shutdown_hook.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/transport/event.hpp>
#include <fairlead/udp_client.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace fairlead {

/// A UDP client over its socket. Made by udp_connect.cpp.
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

    error_code start() { return socket_->watch(changed_); }

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
    result<bytes_view> next();
    boost::asio::awaitable<void> yield();
    void wake() noexcept;
    void end_of_turn() override;
    void on_shard_shutdown() override;

    shard_core& shard_;
    std::unique_ptr<client_descriptor> socket_; // null once closed
    const endpoint remote_;
    const endpoint local_;
    byte_buffer input_;
    std::shared_ptr<client_target> target_;
    event changed_;      // notified when something may have arrived, or the wait ends
    error_code earlier_; // pending error for the next `receive`, such as that of a datagram sent earlier
    unsigned received_this_turn_ = 0;
};

} // namespace fairlead
