#pragma once

#include "client/dial.hpp"
#include "core/intrusive_list.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/connect.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>

namespace fairlead {

/// One attempt to connect, as the user sees it: makes a connection, then calls `connect_options::on_connected`.
///
///     connecting ──▶ logging in ──▶ the connection
///         └──────────────┴── abandon() · deadline ──▶ it is closed, and the login ends by itself
///
/// Thread safety: the thread of its shard. Lifetime: outlives `run`; `options` outlive both.
class login final : private shutdown_hook, private deadline, public list_hook<login> {
public:
    /// Starts the deadline of `options`.
    login(shard_core& shard, const connect_options& options) noexcept;

    /// Awaits a connection that is made without `on_connected`, and logs in. Called once. Errors: those of
    /// `connecting`, those of `on_connected`, `errc::login_timeout`, `errc::closed` after `abandon`;
    /// throws the exceptions of `on_connected`, except boost::system::system_error, whose code it returns.
    boost::asio::awaitable<connect_result> run(boost::asio::awaitable<connect_result> connecting);

    /// Ends the login with `errc::closed`. No coroutine is resumed before the end of this turn.
    void abandon() { end(state::abandoned, errc::closed); }

private:
    enum class state : std::uint8_t { running, late, abandoned };

    void on_shard_shutdown() override {} // the session has a hook of its own; this one keeps the clock running
    void on_deadline(ticks) override { end(state::late, errc::login_timeout); }
    void end(state how, error_code why);
    error_code why_over() const noexcept;

    shard_core& shard_;
    const connect_options& options_;
    const ticks give_up_;
    std::weak_ptr<session> connection_; // while it logs in
    state state_ = state::running;
};

} // namespace fairlead
