#pragma once

#include <fairlead/peer_handle.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace fairlead {

/// A peer as its handles see it.
///
/// Thread safety: any thread. Lifetime: outlives the peer.
class handle_target : public std::enable_shared_from_this<handle_target> {
public:
    virtual ~handle_target() = default;

    peer_handle handle() { return peer_handle{shared_from_this()}; }

    virtual result<void> send(bytes_view message) = 0;
    virtual void close() = 0;
    virtual void abort(error_code why) = 0;
    virtual std::uint64_t id() const noexcept = 0;
    virtual endpoint remote() const = 0;
    virtual bool expired() const noexcept = 0;
    virtual std::size_t hash() const noexcept = 0;
    virtual bool is_same(const handle_target& other) const noexcept { return this == &other; }
};

} // namespace fairlead
