#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/transport/stream.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace FAIRLEAD_API fairlead {
namespace FAIRLEAD_API testkit {

struct memory_connection;
struct memory_wire;

/// The far end of a stream in memory. Each call is an action of a peer.
///
///     auto [near, far] = testkit::make_memory_stream(shard);
///     auto session = session::create(shard, std::move(near), line{});
///     far.send("hello\n");
///
/// An action takes effect in a later turn of the shard, as with a socket.
/// Thread safety: one thread at a time. Lifetime: copies refer to the same far end, which may outlive the stream.
class memory_peer {
public:
    /// Sends bytes that arrive together. The bytes of two calls arrive in two reads, with a wait in between.
    void send(bytes_view bytes);
    void end();                ///< ends the sending direction of the peer
    void fail(error_code why); ///< fails reads once all sent bytes were read

    /// Limits the bytes that the near end may still write before it would block. Unlimited at first.
    void read_at_most(std::size_t size);
    void read_everything(); ///< removes that limit

    /// Fails the `operation`-th read or write of the near end, counted from 1.
    void fail_operation(std::size_t operation, error_code why);

    /// Calls `action` during the `operation`-th read or write of the near end.
    void at_operation(std::size_t operation, std::function<void()> action);
    std::size_t operations() const; ///< reads and writes so far, including those that would block

    std::string received() const;            ///< all bytes that the near end has written
    std::string take();                      ///< those of them that no `take` has returned yet
    std::vector<std::string> writes() const; ///< the same bytes, one element for each write
    bool ended() const;                      ///< true: the near end has ended its sending direction
    bool closed() const;                     ///< true: the near end is closed

private:
    friend memory_connection make_memory_stream(shard& shard);
    explicit memory_peer(std::shared_ptr<memory_wire> shared) : wire_{std::move(shared)} {}
    std::shared_ptr<memory_wire> wire_;
};

/// The result of `make_memory_stream`.
struct memory_connection {
    std::unique_ptr<stream> near; ///< for `session::create`
    memory_peer far;              ///< for the test
};

/// Makes a stream whose far end is controlled by a test.
memory_connection make_memory_stream(shard& shard);

/// Makes both ends of a connection, for two sessions that talk to each other.
std::pair<std::unique_ptr<stream>, std::unique_ptr<stream>> make_memory_streams(shard& shard);

} // namespace testkit
} // namespace fairlead
