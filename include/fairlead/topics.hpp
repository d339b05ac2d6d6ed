#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace FAIRLEAD_API fairlead {

class metrics;
class peer;
class shard;
class topic_bridge;
class topics_core;

/// The policies for a message to a subscriber that reads too slowly.
enum class slow_subscriber : std::uint8_t {
    drop,        ///< it is dropped; once the subscriber has caught up, `topics_options::on_lagged` gets their number
    close,       ///< the session is aborted with `errc::send_queue_full`
    keep_latest, ///< it waits, and replaces one that waits, until the subscriber has caught up
};

/// Options of one subscription.
///
///     prices.subscribe(from, "price/EURUSD", {.when_slow = slow_subscriber::keep_latest});
///
/// A subscriber is slow if its transport takes no more bytes, and the message would not fit into `max_queued`, or no byte was
/// taken for `max_stall`. It has caught up when the transport has taken all that was queued.
struct subscription_options {
    std::string name = {}; ///< for presence events and `topics::names`; at most `topics_options::max_name` bytes
    slow_subscriber when_slow = slow_subscriber::drop; ///< the policy
    /// Bytes queued for the session, of all its topics and replies. Messages that are delivered together, up to 64 KiB or one
    /// that is larger, may exceed it. Below `limits::write_high_watermark` the session continues to read.
    std::size_t max_queued = 64 * 1024;
    std::chrono::milliseconds max_stall{5'000}; ///< 0: any time; `limits::write_timeout` ends the session in any case
};

/// A session subscribed or left.
struct presence {
    /// Which of the two.
    enum class kind : std::uint8_t {
        joined, ///< by `topics::subscribe`
        left,   ///< by `topics::unsubscribe`, or the session ended
    };
    std::string_view topic;  ///< valid during the call
    std::string_view name;   ///< `subscription_options::name`; valid during the call
    kind change;             ///< the event
    std::size_t subscribers; ///< of this topic in this process, after it
};

/// Limits and callbacks of `topics`.
///
///     topics rooms{{.counted = {"room"}, .on_presence = [](const presence& event) {
///                       if (event.change == presence::kind::joined)
///                           log(std::string{event.name} + " joined " + std::string{event.topic});
///                   }}};
///
/// Callbacks are called on the thread of the subscriber's shard, several of them at the same time for several shards. They may
/// call any function of `topics`. An exception that leaves one is logged.
struct topics_options {
    std::size_t max_topics = 100'000;           ///< topics with a subscriber in this process
    std::size_t max_name = 255;                 ///< bytes of a topic's name, and of a subscriber's
    std::size_t max_subscriptions = 1'000;      ///< topics of one session
    std::size_t max_waiting = 16 * 1024 * 1024; ///< bytes published that wait for the thread of one shard
    /// Prefixes with counts of their own in the metrics; other topics are counted together, as `other`. The prefix of a topic is
    /// the text before its first `/`.
    std::vector<std::string> counted = {};
    /// Called in `subscribe` and `unsubscribe`, and soon after a session has ended. Not called for the sessions of a shard that is
    /// destroyed.
    std::function<void(const presence& event)> on_presence = {};
    /// Called when a subscriber of `slow_subscriber::drop` has caught up, before the next message is sent to it.
    std::function<void(peer& subscriber, std::string_view topic, std::uint64_t missed)> on_lagged = {};
    /// Called on the thread of the bridge's shard when messages of other processes were lost on the way; `missed` is 0 if their
    /// number is not known. `topics::publish_here` tells the subscribers.
    std::function<void(std::string_view topic, std::uint64_t missed)> on_gap = {};
};

/// Sends one message to many sessions, on all threads.
///
///     topics rooms;                           // before the server: it outlives the sessions
///     server server;
///     server.listen("tcp://127.0.0.1:9000", line{}, [&rooms](bytes_view message, peer& from) {
///         rooms.subscribe(from, "room/1");
///         rooms.publish("room/1", message);
///     });
///
///     publish ──one post for each shard──▶ framed once for each framing ──▶ subscriber, subscriber, …
///
/// A message is delivered in a later turn of the subscriber's shard, not inside `publish`, to all that subscribed before it was
/// published. All subscribers of a topic in this process get its messages in the same order, which keeps the order of each thread
/// that publishes. The bytes go from one shared buffer to the transports; the rest that a transport does not take is copied for
/// its session.
///
/// A framing with a text form (`framing::to_string`) frames a message once for all sessions of a shard: two with the same text form
/// and the same `max_message` must encode it to the same bytes. Others, and UDP, do it for each session. A session that ends, or
/// that calls `close` or `shutdown`, is unsubscribed.
///
/// Thread safety: `publish`, `subscribers` and `names` from any thread; `subscribe` and `unsubscribe` on the thread of the
/// session. Lifetime: declare it before the server and the runtime, as any state of handlers; it outlives their sessions. With a
/// bridge, call `stop` as well.
class topics {
public:
    /// Makes topics for this process. Errors: throws std::invalid_argument for a limit of 0, and for a prefix that is empty, is
    /// repeated, has a `/` or is `other`.
    explicit topics(topics_options options = {});

    /// Makes topics that `bridge` connects with those of other processes, after `start`. Errors: as above.
    explicit topics(std::shared_ptr<topic_bridge> bridge, topics_options options = {});

    topics(const topics&) = delete;
    topics& operator=(const topics&) = delete;
    ~topics(); ///< calls `stop`

    /// Starts the bridge on a shard. Call it once, before `subscribe` and `publish`. Has no effect without a bridge.
    ///
    ///     rooms.start(server.shards()[0]);
    void start(shard& home);

    /// Ends the bridge. With a bridge, call it after `run` of the server or runtime has returned, and before that is destroyed
    /// with the shard. Has no effect the second time.
    void stop() noexcept;

    /// Subscribes a session: `subscriber` is the peer of a message handler or the session of a session handler. If it is
    /// subscribed already, `how` replaces the options it gave before, without an event.
    ///
    ///     if (const auto joined = rooms.subscribe(from, "room/1", {.name = "Ann"}); !joined)
    ///         from.send(joined.error().message());
    ///
    /// Errors: `errc::closed` if the session has ended; `errc::refused_by_limit` for `max_topics`, `max_name`, `max_subscriptions`
    /// and an empty topic. Throws std::invalid_argument for a peer that is no session, as in a message handler over UDP.
    result<void> subscribe(peer& subscriber, std::string_view topic, subscription_options how = {});

    /// Ends a subscription. Returns false if there was none. Messages that were published and not yet delivered are not sent.
    /// Errors: throws std::invalid_argument for a peer that is no session.
    bool unsubscribe(peer& subscriber, std::string_view topic);

    /// Sends a message to all subscribers of a topic. Succeeds if there are none. The bytes are copied, once.
    ///
    ///     rooms.publish("room/1", "Ann: hello");
    ///
    /// Errors: `errc::send_queue_full`: a shard is so busy that `max_waiting` would be exceeded; no subscriber gets the message.
    /// With all other errors the subscribers of this process get it, those of other processes do not: `errc::refused_by_limit`
    /// and `errc::message_too_large` of the bridge, `errc::closed` before `start` and after `stop`, and
    /// `boost::system::errc::not_enough_memory`. Throws std::bad_alloc: no subscriber gets it.
    result<void> publish(std::string_view topic, bytes_view message);

    /// The same for the subscribers of this process alone, such as a notice of `on_gap`.
    ///
    ///     rooms.publish_here("room/1", "* messages may be missing");
    ///
    /// Errors: `errc::send_queue_full`, as above.
    result<void> publish_here(std::string_view topic, bytes_view message);

    std::size_t subscribers(std::string_view topic) const; ///< returns the number of sessions in this process

    /// Returns the names of the subscribers in this process, at most `most`; those without a name are left out.
    ///
    ///     for (const std::string& each : rooms.names("room/1"))
    ///         from.send(each);
    std::vector<std::string> names(std::string_view topic, std::size_t most = 1'000) const;

    /// Counts in these metrics instead of its own. Call it once, before `start` and the first `subscribe` and `publish`.
    ///
    ///     rooms.count_in(server.metrics());
    ///
    /// Errors: throws std::logic_error after `start`, if there is a bridge.
    ///
    /// | metric                                  | counts                                                             |
    /// |-----------------------------------------|--------------------------------------------------------------------|
    /// | `topic_messages_total{prefix}`          | messages published here, or that the bridge brought                |
    /// | `topic_deliveries_total{prefix}`        | messages queued for a subscriber                                   |
    /// | `topic_losses_total{cause,prefix}`      | messages not sent to a subscriber: `slow` (dropped), `replaced` (by |
    /// |                                         | a later one), `refused` (by the framing, or no memory); `gap`: lost |
    /// |                                         | on the way to this process                                         |
    /// | `topic_slow_sessions_total{prefix}`     | sessions aborted by `slow_subscriber::close`                       |
    /// | `topic_subscriptions{prefix}`           | subscriptions now                                                  |
    ///
    /// With `nats`:
    ///
    /// | metric                                  | counts                                                             |
    /// |-----------------------------------------|--------------------------------------------------------------------|
    /// | `nats_connected`                        | 1 while there is a connection to the broker, else 0                |
    /// | `nats_connections_total`                | connections made: one, and one more for each time it was lost      |
    /// | `nats_messages_sent_total`              | messages sent to the broker                                        |
    /// | `nats_messages_dropped_total{cause}`    | messages not sent to it: `refused` (`publish` told), `unsent` (at  |
    /// |                                         | the end, or too large for this broker)                             |
    /// | `nats_messages_received_total`          | messages of other processes                                        |
    /// | `nats_messages_returned_total`          | messages of this process that a broker brought back; dropped       |
    /// | `nats_gaps_total`                       | calls of `topics_options::on_gap`, for losses on the way           |
    /// | `nats_messages_missed_total`            | messages of other processes that are known to be lost              |
    void count_in(fairlead::metrics& in);

private:
    const std::unique_ptr<topics_core> core_;
};

} // namespace fairlead
