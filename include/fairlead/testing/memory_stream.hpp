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
namespace FAIRLEAD_API testing {

struct memory_connection;

/// The far end of a stream that lives in memory: what a peer could do to a session, one call each.
///
/// Nothing happens at once: the near end notices in a later turn of its shard, as it would with a socket.
/// Thread safety: one thread at a time. Copies speak for the same far end; it outlives the stream.
class memory_peer {
public:
    /// Bytes that arrive together; those of two calls are read one after the other, with a wait in between.
    void send(bytes_view bytes);
    void end();                ///< the peer has ended its side
    void fail(error_code why); ///< what every following read gives once the bytes sent before it are read

    /// How many more bytes the near end may write before it would block; unlimited at first.
    void read_at_most(std::size_t size);
    void read_everything(); ///< ends the limit of `read_at_most`

    /// Lets the near end's `operation`-th read or write, counted from 1, fail.
    void fail_operation(std::size_t operation, error_code why);

    /// Calls `action` in the middle of the near end's `operation`-th read or write.
    void at_operation(std::size_t operation, std::function<void()> action);
    std::size_t operations() const; ///< reads and writes so far, those that would block among them

    std::string received() const;            ///< everything the near end has written
    std::vector<std::string> writes() const; ///< the same, one element for each write
    bool ended() const;                      ///< the near end has said that nothing more will come
    bool closed() const;                     ///< the near end is closed

private:
    friend memory_connection make_memory_stream(shard& shard);
    friend std::pair<std::unique_ptr<stream>, std::unique_ptr<stream>> make_memory_streams(shard& shard);
    class near_end;
    struct wire;
    explicit memory_peer(std::shared_ptr<wire> shared) : wire_{std::move(shared)} {}
    std::shared_ptr<wire> wire_;
};

/// A stream in memory and its far end.
struct memory_connection {
    std::unique_ptr<stream> near; ///< the stream, for a session
    memory_peer far;              ///< the peer's side, for the test
};

/// A stream whose far end is in the hands of a test.
memory_connection make_memory_stream(shard& shard);

/// Both ends of one connection, for two sessions that talk to each other.
std::pair<std::unique_ptr<stream>, std::unique_ptr<stream>> make_memory_streams(shard& shard);

} // namespace testing
} // namespace fairlead
