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

/// One connection of a receiver: its coroutine, which takes messages, and those that call hooks beside it. They use the protocol
/// in turns.
///
///     handler:  receive ──▶ turn: take, settle ──▶ replies ──▶ receive …
///                               ├ to_judge ──▶ a coroutine for each: on_received ──▶ turn: publish ──▶ replies
///                               └ notices ───▶ one coroutine: on_stored, on_failed, in order
///
/// Thread safety: the thread of its shard; the holder of a turn may use `files` on another one. Lifetime: coroutines that call
/// hooks share it, and with it the protocol and the state. The session is used until `let_go` only.
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

    /// Sends the replies and starts the hooks. In a turn. Errors: of a reply that cannot be sent.
    result<void> answer();

    /// Waits while very many notices are left to tell.
    boost::asio::awaitable<void> wait_for_room();

    /// Waits until all hooks have returned and their files are answered.
    boost::asio::awaitable<void> wait_for_hooks();

    /// The session is used no more.
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
    session* peer_;             // null once it has been let go
    session_impl* const timed_; // the same, unless it is a user's own
    const answers replies_;
    event changed_;
    std::size_t judging_ = 0;       // coroutines
    std::size_t telling_ = 0;       // coroutines, one at most
    std::size_t waiting_ = 0;       // for hooks: coroutines
    std::vector<verdict> verdicts_; // for the next turn
    std::vector<notice> notices_;   // to be told next
    std::vector<notice> told_now_;  // in the thread of a hook
    std::size_t told_ = 0;          // of these, so many have been
    bool turn_taken_ = false;
};

} // namespace fairlead::file_transfer
