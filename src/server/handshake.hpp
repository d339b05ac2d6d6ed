#pragma once

#include "core/memory_share.hpp"
#include "runtime/deadline.hpp"
#include "runtime/shutdown_hook.hpp"
#include "server/session_group.hpp"
#include "tls/secure_stream.hpp"

#include <fairlead/transport/event.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace fairlead {

/// A connection over TLS whose session has not begun. It has no coroutine. It takes one of the places for
/// simultaneous handshakes only after the peer has sent its first message, so a silent peer delays no other.
///
///     hello ──whole──▶ waiting ──there is a place──▶ shaking ──done──▶ its session begins
///       └────────────────┴──────────failed────────────┴──▶ lingering ──▶ closed      too late, end() ──▶ closed
///
/// A stop of the server ends connections whose first message has not arrived, and those in `lingering`. The
/// others have one second, and their sessions drain.
///
/// Thread safety: the thread of its shard. Lifetime: it deletes itself; the group, which ends it, outlives it.
class session_group::handshake final : public list_hook<handshake>,
                                       private shutdown_hook, // keeps the clock running, for the deadline
                                       private event::waiter,
                                       private deadline {
public:
    static void begin(session_group& group, std::unique_ptr<stream> socket, std::shared_ptr<const session_rules> rules,
                      admission::permit held);

    handshake(session_group& group, std::unique_ptr<stream> socket, std::shared_ptr<const session_rules> rules,
              admission::permit held);
    ~handshake() override;

    /// Called when the server stops: leaves the handshake one more second if the peer has sent its first
    /// message, else ends it.
    void hurry() noexcept;

    /// Closes the connection and deletes this.
    void end() noexcept;

private:
    enum class state : std::uint8_t { hello, waiting, shaking, lingering };

    void go_on() noexcept;
    error_code advance();
    result<void> receive_hello();
    bool may_read_on() noexcept;
    void finish_with_memory() noexcept;
    std::uint64_t id() const noexcept { return reinterpret_cast<std::uintptr_t>(this); } ///< no session has this id
    bool has_place();
    void wait() noexcept;
    void stop_waiting() noexcept;
    void begin_session() noexcept;
    void fail(const error_code& why) noexcept;
    void report(const error_code& why) noexcept;
    void drop_input() noexcept;
    void leave(bool resumed) override;
    void on_deadline(ticks now) override;
    void on_shard_shutdown() override {} // the server ends it

    const std::shared_ptr<session_group> group_; // first, so that it is destroyed last
    const std::shared_ptr<const session_rules> rules_;
    admission::permit held_;
    memory_share share_;
    stream& socket_; // in `tls_`
    std::unique_ptr<secure_stream> tls_;
    std::optional<handshake_places::place> place_;
    ticks due_;
    std::uint32_t dropped_ = 0;
    state state_ = state::hello;
    bool held_back_ = false; // memory is short: only a small part of the first message is read
};

} // namespace fairlead
