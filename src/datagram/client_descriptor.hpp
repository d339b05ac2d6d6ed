#pragma once

#include "core/unique_descriptor.hpp"
#include "runtime/readiness_handler.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/transport/event.hpp>

#include <cstddef>
#include <span>
#include <utility>

namespace fairlead {

/// A connected UDP socket, watched by the poller of its shard, and the system calls for its datagrams.
///
/// Thread safety: the thread of the shard.
class client_descriptor final : private readiness_handler {
public:
    client_descriptor(shard_core& shard, unique_descriptor made) noexcept
        : shard_{shard}, descriptor_{std::move(made)} {}
    client_descriptor(const client_descriptor&) = delete;
    client_descriptor& operator=(const client_descriptor&) = delete;
    ~client_descriptor();

    /// Notifies `readable`, from now on, when a datagram or an error may have arrived.
    error_code watch(event& readable);

    error_code send(bytes_view message) noexcept;

    /// Returns the size of the next datagram, and copies as much of the datagram as fits into `room`. Errors:
    /// `errc::would_block`; those that the network reported for a datagram sent earlier.
    result<std::size_t> receive(std::span<unsigned char> room) noexcept;

    int get() const noexcept { return descriptor_.get(); }

private:
    void on_readable(bool) override { readable_->notify(); }
    void on_writable() override {}

    shard_core& shard_;
    unique_descriptor descriptor_;
    event* readable_ = nullptr; // null until `watch` has succeeded
};

} // namespace fairlead
