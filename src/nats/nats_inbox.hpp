#pragma once

#include "nats/message_origin.hpp"
#include "nats/nats_counters.hpp"
#include "topics/topic_bridge.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nats/nats.h>
#include <optional>
#include <string>

namespace fairlead {

class mailbox;

struct nats_message_deleter {
    void operator()(natsMsg* message) const noexcept { natsMsg_Destroy(message); }
};
using nats_message = std::unique_ptr<natsMsg, nats_message_deleter>;

/// Brings what arrives from the threads of nats.c to the thread of a shard, and finds the gaps.
///
/// Thread safety: any thread.
class nats_inbox : public std::enable_shared_from_this<nats_inbox> {
public:
    nats_inbox(std::shared_ptr<mailbox> home, topic_bridge::receiver& to, std::size_t max_bytes,
               nats_counters& counters) noexcept
        : home_{std::move(home)}, to_{to}, max_bytes_{max_bytes}, counters_{counters} {}

    void open(const std::string& topic);  ///< deliver its messages from now on
    void close(const std::string& topic); ///< and no more

    /// One that finds no room is dropped and counted.
    void arrived(const std::string& topic, nats_message message) noexcept;

    /// Tells all topics that an unknown number of messages is lost.
    void was_away();

    /// Returns when no call of the receiver runs on another thread, and makes no more.
    void stop() noexcept;

private:
    enum class event_kind { open, close, message, dropped, away };
    struct event {
        event_kind kind;
        std::string topic;
        nats_message message = {};
    };
    struct topic_state {
        std::optional<gap_counter> gaps{std::in_place};
    };

    void push(event next);
    bool is_stopped();
    void run();
    void handle(event& next);
    void deliver(topic_state& topic, event& next);
    void tell_dropped();
    void tell_lost(const std::string& topic, std::uint64_t messages);

    const std::shared_ptr<mailbox> home_;
    topic_bridge::receiver& to_;
    const std::size_t max_bytes_;
    nats_counters& counters_;

    std::mutex mutex_; // of these
    std::deque<event> events_;
    std::map<std::string, std::uint64_t> dropped_;
    std::size_t bytes_ = 0;
    bool stopped_ = false;

    std::mutex calling_;                        // held while the receiver is called
    std::map<std::string, topic_state> topics_; // on the shard
};

} // namespace fairlead
