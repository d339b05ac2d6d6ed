#pragma once

#include "runtime/event_descriptor.hpp"
#include "server/hand_over_channel.hpp"
#include "server/inherited_sockets.hpp"
#include "server/listen_socket.hpp"

#include <fairlead/url.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace fairlead {

/// The sockets of one listener, for another process.
struct lent_listener {
    listener_name name;
    std::string ticket_keys = {}; ///< empty: none
    std::vector<lent_socket> sockets = {};
};

/// Takes the sockets of a server from the process that served before, and offers them to the one that serves next.
///
///     take_over ──no process────▶ idle ──────────────────────────start──▶ offering ◀──ends before it is ready──┐
///         └──sockets came──▶ taking ──start──▶ says ready ──done──▶ ────────▲  └──asks──▶ sockets are sent ─────┤
///                              └── stop: only closes them                            leaves ◀──says ready──────┘
///
/// It waits on a thread of its own, so busy shards do not hold up a hand-over; it waits for the shards only
/// while they copy the sockets and stop accepting.
///
/// Thread safety: `take_over`, `offer_at` and `start` one after the other; `stop` from any. Lifetime: stopped
/// before objects that the actions use are destroyed.
class succession {
public:
    struct actions {
        /// Lends `joint` and copies all sockets; throws std::runtime_error with a sentence, and
        /// hand_over_stopped if the server ends its sockets.
        std::function<std::vector<lent_listener>(const event_descriptor& stop)> lend;
        std::function<void(const event_descriptor& stop)> leave; ///< returns when this process accepts no more
        std::function<void()> succeeded;                         ///< the predecessor has left
        std::function<void(const std::string& why)> failed;      ///< the predecessor continues
    };

    succession(std::shared_ptr<joint_sockets> joint, inherited_sockets& inherited, actions given);
    ~succession();

    /// Asks the process at `from` for its sockets; false if no process listens there. Errors: throws
    /// std::runtime_error if a process listens there and hands over nothing.
    bool take_over(const url& from);

    /// Listens for a successor. Errors: throws boost::system::system_error if it cannot listen there.
    void offer_at(const url& at);

    /// Called when the server accepts: ends the take-over, then waits for a successor. Errors: throws
    /// std::system_error if no thread can be started.
    void start();

    /// Begins to end and returns at once: from now on no successor gets the sockets. Thread safety: any thread.
    void cease() noexcept;

    /// Ends; a successor that has the sockets and is not ready continues by itself.
    void stop() noexcept;

    bool took_over() const noexcept { return predecessor_ != 0; }

private:
    using kind = hand_over_message::kind;

    void run();
    void close_entrance() noexcept;
    void finish_take_over();
    void offer();
    bool hand_over(hand_over_channel& to);
    bool goes_on_there() const;
    void send_all(hand_over_channel& to, std::vector<lent_listener>& all);

    const std::shared_ptr<joint_sockets> joint_;
    inherited_sockets& inherited_;
    const actions actions_;
    event_descriptor stop_;
    std::optional<hand_over_channel> predecessor_channel_;
    std::int64_t predecessor_ = 0; // its process id; 0: none
    std::optional<url> taken_from_;
    std::optional<lent_socket> entrance_of_predecessor_;
    std::optional<url> offered_at_;
    std::optional<listen_socket> entrance_;
    std::mutex mutex_; // for these two
    bool stopped_ = false;
    std::jthread thread_;
};

} // namespace fairlead
