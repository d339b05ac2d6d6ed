#pragma once

#include "channel/channel.hpp"

#include <fairlead/transport/stream.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fairlead {

/// Base of channels over a stream of bytes: the functions that need the stream alone.
class stream_channel : public channel {
public:
    using channel::writable; // of a message

    bool drained() const noexcept override { return stream_->drained(); }
    event& readable() noexcept override { return stream_->readable(); }
    event& writable() noexcept override { return stream_->writable(); }
    void look_again() noexcept override { stream_->look_again(); }
    void shutdown() noexcept override {
        if (!std::exchange(shut_, true)) // once: a stream may send last bytes
            stream_->shutdown();
    }
    void close() noexcept override { stream_->close(); }
    endpoint local() const override { return stream_->local(); }
    endpoint remote() const override { return stream_->remote(); }
    int native_handle() const noexcept override { return stream_->native_handle(); }
    std::string explain_transport() const override { return stream_->explain(); }
    std::optional<tls_info> tls() const override { return stream_->tls(); }
    endpoint transport_remote() const override { return stream_->transport_remote(); }
    std::optional<proxy_info> proxy() const override { return stream_->proxy(); }

protected:
    explicit stream_channel(std::unique_ptr<stream> transport) noexcept : stream_{std::move(transport)} {}

private:
    bool shut_ = false; // first, where it fits behind the members of the base

protected:
    std::unique_ptr<stream> stream_;
};

} // namespace fairlead
