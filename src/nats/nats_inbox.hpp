#pragma once

#include "nats/message_origin.hpp"
#include "nats/nats_counters.hpp"
#include "topics/topic_bridge.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <nats/nats.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fairlead {

class mailbox;

struct nats_message_deleter {
    void operator()(natsMsg* message) const noexcept { natsMsg_Destroy(message); }
};
using nats_message = std::unique_ptr<natsMsg, nats_message_deleter>;

/// Passes messages from the threads of nats.c to the thread of a shard, and finds gaps. While the shard is
/// busy, memory is bounded by `max_bytes` and the topics that are open.
///
/// Thread safety: any thread.
class nats_inbox : public std::enable_shared_from_this<nats_inbox> {
public:
    /// `own` numbers the messages that this process sends.
    nats_inbox(std::shared_ptr<mailbox> home, topic_bridge::receiver& to, std::size_t max_bytes,
               std::shared_ptr<const outgoing_numbers> own, nats_counters& counters) noexcept
        : home_{std::move(home)}, to_{to}, max_bytes_{max_bytes}, own_{std::move(own)}, counters_{counters} {}

    void open(const std::string& topic);  ///< delivers the messages of a topic from now on
    void close(const std::string& topic); ///< delivers no more, not even those that have arrived

    /// Queues a message for the shard. Drops and counts it if there is no room. Drops it if this process has
    /// sent it: `NoEcho` prevents that on one connection, but a broker that stood still may send the message to
    /// the next one.
    void arrived(const std::string& topic, nats_message message) noexcept;

    /// Reports to all topics that an unknown number of messages is lost.
    void was_away();

    /// Ends the calls of the receiver. Waits until none runs on another thread.
    void stop() noexcept;

private:
    /// A topic from `open` to `close`. If it is opened again, there is a new object.
    struct open_topic {
        explicit open_topic(std::string of) noexcept : name{std::move(of)} {}

        const std::string name;
        bool closed = false;                            // under the lock
        std::uint64_t dropped = 0;                      // messages that found no room, under the lock
        std::optional<gap_counter> gaps{std::in_place}; // on the shard
    };
    using topic_pointer = std::shared_ptr<open_topic>;

    enum class event_kind { message, dropped, away };
    struct event {
        event_kind kind;
        topic_pointer topic = {}; // these three are of a message
        nats_message message = {};
        std::optional<message_origin> origin = {};
    };

    void drop(const topic_pointer& topic);
    void push(event next);
    bool is_stopped();
    bool is_closed(const open_topic& topic);
    void run();
    void handle(event& next);
    void deliver(event& next);
    void tell_away();
    void tell_dropped();
    void tell_lost(const open_topic& topic, std::uint64_t messages);

    const std::shared_ptr<mailbox> home_;
    topic_bridge::receiver& to_;
    const std::size_t max_bytes_;
    const std::shared_ptr<const outgoing_numbers> own_;
    nats_counters& counters_;

    std::mutex mutex_; // "the lock", for these
    std::map<std::string, topic_pointer> topics_;
    std::deque<event> events_;
    std::size_t bytes_ = 0;
    std::vector<topic_pointer> dropped_; // topics with messages that found no room
    bool dropping_ = false;              // from the first of them until the shard has reported them
    bool stopped_ = false;

    std::mutex calling_; // held while the receiver is called
};

} // namespace fairlead
