#pragma once

#include "file_transfer/receiver_protocol.hpp"
#include "file_transfer/receiver_state.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/session.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace fairlead {
class session_impl;
}

namespace fairlead::file_transfer {

/// One connection of a receiver: the coroutine that takes messages, and those that call
/// hooks beside it. They use the protocol in turns.
///
///     handler:  receive ──▶ turn: take, settle ──▶ replies ──▶ receive …
///                               ├ to_judge ──▶ a coroutine for each: on_received ──▶ turn: publish ──▶ replies
///                               └ notices ───▶ one coroutine: on_stored, on_failed, in order
///
/// Thread safety: the thread of its shard; the holder of a turn may use `files` on another one. Lifetime:
/// coroutines that call hooks share the ownership of the connection, and so of the protocol and the
/// state. The session is used only until `let_go`.
class receiver_connection final : public std::enable_shared_from_this<receiver_connection>, private shutdown_hook {
public:
    enum class answers : std::uint8_t { sent, none };

    receiver_connection(std::shared_ptr<receiver_state> all, std::shared_ptr<receiver_protocol> files, session& peer,
                        answers replies);
    receiver_connection(const receiver_connection&) = delete;
    receiver_connection& operator=(const receiver_connection&) = delete;
    ~receiver_connection();

    /// The right to use the protocol.
    class turn {
    public:
        explicit turn(receiver_connection& of) noexcept : owner_{&of} { of.turn_taken_ = true; }
        turn(turn&& other) noexcept : owner_{std::exchange(other.owner_, nullptr)} {}
        turn& operator=(turn&&) = delete;
        ~turn() {
            if (owner_)
                owner_->end_turn();
        }

    private:
        receiver_connection* owner_;
    };

    boost::asio::awaitable<turn> begin_turn();

    /// Sends the replies and starts the hooks. Only in a turn. Errors: that of a reply that cannot be sent.
    result<void> answer();

    /// Waits while very many notices wait for their hooks.
    boost::asio::awaitable<void> wait_for_room();

    /// Waits until all hooks have returned and their files are answered.
    boost::asio::awaitable<void> wait_for_hooks();

    /// Stops using the session.
    void let_go() noexcept { peer_ = nullptr; }

private:
    class counted;
    class judgement;

    static boost::asio::awaitable<void> judge_file(judgement self, file_to_judge whole);
    static boost::asio::awaitable<void> tell_notices(counted self);
    boost::asio::awaitable<void> publish_judged(file_to_judge whole);

    void end_turn() noexcept;
    void notify() noexcept;
    void tell_the_rest() noexcept;
    void excuse_session() noexcept;
    void abort_session(error_code why) noexcept;
    void on_shard_shutdown() override { changed_.notify_later(shard_.executor()); }

    const std::shared_ptr<receiver_state> all_;
    const std::shared_ptr<receiver_protocol> files_;
    shard_core& shard_;
    session* peer_;             // null after `let_go`
    session_impl* const timed_; // the session behind `peer_`; null if that is of a user's class
    const answers replies_;
    event changed_;
    std::size_t judging_ = 0;       // coroutines
    std::size_t telling_ = 0;       // coroutines, one at most
    std::size_t waiting_ = 0;       // coroutines that wait for hooks
    std::vector<verdict> verdicts_; // for the next turn
    std::vector<notice> notices_;   // for the next call of the hooks
    std::vector<notice> told_now_;  // those that a hook thread delivers now
    std::size_t told_ = 0;          // number of these already delivered
    bool turn_taken_ = false;
};

} // namespace fairlead::file_transfer
