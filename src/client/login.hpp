#pragma once

#include "client/dial.hpp"
#include "core/intrusive_list.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/connect.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>

namespace fairlead {

/// One attempt to connect as its user sees it: a connection, and then `connect_options::on_connected` on it.
///
///     connecting ──▶ logging in ──▶ the connection
///         └──────────────┴── abandon() · deadline ──▶ it is closed, and the login ends by itself
///
/// Thread safety: the thread of its shard. Lifetime: outlives `run`; `options` outlive both.
class login final : private shutdown_hook, private deadline, public list_hook<login> {
public:
    /// The deadline of `options` begins.
    login(shard_core& shard, const connect_options& options) noexcept;

    /// Awaits a connection that is made without `on_connected`, and logs in. Once. Errors: those of `connecting`, those of
    /// `on_connected`, `errc::login_timeout`, `errc::closed` after `abandon`; throws what `on_connected` throws.
    boost::asio::awaitable<connect_result> run(boost::asio::awaitable<connect_result> connecting);

    /// Does not log in any more. Nobody is resumed before the end of this turn.
    void abandon() { end(state::abandoned, errc::closed); }

private:
    enum class state : std::uint8_t { running, late, abandoned };

    void on_shard_shutdown() override {} // the session has a hook of its own; this one has the clock run
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
