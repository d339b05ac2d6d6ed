#pragma once

#include "peer/handle_target.hpp"
#include "peer/inlet.hpp"

#include <fairlead/limits.hpp>
#include <fairlead/udp_client.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace fairlead {

/// The target of the handles of a UDP client; made for the first handle.
class client_target final : public handle_target {
public:
    client_target(std::shared_ptr<mailbox> box, udp_client& client, const endpoint& remote)
        : inlet_{std::move(box), limits{}.max_write_buffer}, remote_{remote}, client_{&client} {}

    /// Ends sending: the client has closed. Thread safety: the thread of the shard.
    void close_to_senders() noexcept {
        client_ = nullptr;
        ended_ = true;
    }

    result<void> send(bytes_view message) override;
    void close() override;
    void abort(error_code) override { close(); }
    std::uint64_t id() const noexcept override { return 0; }
    endpoint remote() const override { return remote_; }
    bool expired() const noexcept override { return ended_; }
    std::size_t hash() const noexcept override { return remote_.hash(); }

private:
    result<void> send_now(bytes_view message);
    void close_now();

    inlet inlet_;
    const endpoint remote_;
    udp_client* client_; // used on the thread of the shard; null once it has closed
    std::atomic<bool> ended_{false};
};

} // namespace fairlead
