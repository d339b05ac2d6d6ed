#pragma once

#include "nats/message_origin.hpp"
#include "nats/nats_counters.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead {

/// A message on its way to the broker.
struct nats_outgoing {
    std::string topic;
    message_origin origin;
    std::string payload;
};

/// The requests of the program to the thread that talks to the broker. Messages wait here, up to a number of bytes.
///
/// Thread safety: any thread.
class nats_requests {
public:
    struct work {
        std::deque<nats_outgoing> messages;
        std::vector<std::string> changed; ///< topics that were subscribed or unsubscribed
        bool all_changed = false;         ///< too many to name: see `wanted`
    };

    nats_requests(std::size_t max_bytes, std::shared_ptr<outgoing_numbers> numbers, nats_counters& counters) noexcept
        : max_bytes_{max_bytes}, counters_{counters}, numbers_{std::move(numbers)} {}

    /// Queues a message. Errors: `closed` after `stop`; `message_too_large`; `refused_by_limit` if no more
    /// bytes may wait. A message that is too large or finds no room still takes a number, because the
    /// receivers miss it.
    result<void> publish(std::string_view topic, bytes_view message);

    void subscribe(std::string_view topic);
    void unsubscribe(std::string_view topic);

    void stop() noexcept;
    bool stopping() const;

    /// Ends the wait of `take`. Called by nats.c.
    void wake() noexcept;

    /// Ends the wait of `take` for room, or the next such wait. Called by nats.c with a lock of its own held.
    void tell_room() noexcept;

    // --- for the thread that talks to the broker

    /// Sets the size of the largest message that the broker takes.
    void set_max_message(std::size_t bytes);

    enum class wait_for { messages, room };

    /// Waits until there is work, or for `wake`. With `wait_for::room`, messages do not end the wait and are
    /// not taken.
    work take(wait_for event);

    /// Takes messages until they have at least that many bytes, or none is left. Does not wait.
    std::deque<nats_outgoing> take_messages(std::size_t bytes);

    /// Puts back messages that were not sent. Those that find no room are dropped and counted.
    void put_back(std::deque<nats_outgoing> messages);

    bool wants(const std::string& topic) const;
    std::vector<std::string> wanted(); ///< all topics, sorted; changes before this are not reported any more

    /// Waits for that time, or until `stop`. Returns false after `stop`.
    bool pause(std::chrono::milliseconds duration);

private:
    static constexpr std::size_t overhead = 64; // of a message, beside its bytes
    static std::size_t cost(const nats_outgoing& message) noexcept {
        return message.topic.size() + message.payload.size() + overhead;
    }
    std::deque<nats_outgoing> take_locked(std::size_t bytes);
    void change(std::string_view topic);

    const std::size_t max_bytes_;
    nats_counters& counters_;
    mutable std::mutex mutex_;
    std::condition_variable news_;
    const std::shared_ptr<outgoing_numbers> numbers_;
    std::deque<nats_outgoing> messages_;
    std::size_t bytes_ = 0;
    std::size_t max_message_ = std::size_t{1} << 20; // the default of NATS
    std::set<std::string, std::less<>> topics_;
    std::vector<std::string> changed_;
    bool all_changed_ = false;
    bool waits_for_room_ = false;
    enum class call { none, room, wake, stop } call_ = call::none; // the strongest since `take`
};

} // namespace fairlead
