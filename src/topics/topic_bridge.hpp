#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <cstdint>
#include <string_view>

namespace fairlead {

class metrics;
class shard_core;

/// Carries the messages of topics to other processes and back.
///
///     publish ──▶ bridge ──▶ other processes ──▶ bridge of each ──deliver──▶ their subscribers
///
/// `topics` gives each message to the subscribers of its own process itself, so a bridge does not bring it back.
///
/// Thread safety: `subscribe`, `unsubscribe` and `publish` from any thread, also while `start` or `stop` runs.
/// The first two are called under a lock of `topics`, so they do not call the receiver. Lifetime: the receiver
/// lives until `stop` has returned.
class topic_bridge {
public:
    /// Takes the messages of other processes. Both functions are called on the thread of the bridge's shard.
    class receiver {
    public:
        virtual void deliver(std::string_view topic, bytes_view message) = 0;
        virtual void lost(std::string_view topic, std::uint64_t messages) = 0; ///< at least `messages` were lost

    protected:
        ~receiver() = default;
    };

    virtual ~topic_bridge() = default;

    /// Counts in these metrics from now on. Called before `start`, if at all.
    virtual void count_in(metrics& in) = 0;

    /// Called once, before the rest.
    virtual void start(shard_core& home, receiver& to) = 0;

    /// Called when a topic gets its first subscriber in this process, and when the last one has left.
    virtual void subscribe(std::string_view topic) = 0;
    virtual void unsubscribe(std::string_view topic) = 0;

    /// Sends a message to the other processes. Errors: it was not accepted; any code but `errc::send_queue_full`.
    virtual result<void> publish(std::string_view topic, bytes_view message) = 0;

    /// Ends the bridge. The receiver is called no more after this.
    virtual void stop() noexcept = 0;
};

} // namespace fairlead
