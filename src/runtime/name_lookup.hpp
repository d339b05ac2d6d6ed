#pragma once

#include "net/resolver.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/transport/event.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace fairlead {

/// Looks up the addresses of a URL without holding up its shard.
///
///     run ──▶ literal ──────────────────────────────▶ its address, at once
///         └─▶ resolver, on a thread of its own ──post──▶ all addresses of the name
///
/// Thread safety: the thread of its shard. Lifetime: may be destroyed at any time; later answers are dropped.
class name_lookup final : private shutdown_hook, private deadline {
public:
    static constexpr ticks never = ticks::max();

    explicit name_lookup(shard_core& shard)
        : shutdown_hook{shard}, shard_{shard}, alive_{std::make_shared<name_lookup* const>(this)} {}

    /// Waits for the addresses until `give_up`, and returns at least one. Called once. Lifetime:
    /// the URL outlives the call.
    ///
    /// Errors: `errc::connect_timeout`, those of `resolve` and of `resolver::ask`;
    /// `operation_aborted` when cancelled (all types).
    boost::asio::awaitable<resolver::addresses> run(resolver& names, const url& url, ticks give_up);

private:
    void on_deadline(ticks) override { changed_.notify(); }
    void on_shard_shutdown() override { changed_.notify_later(shard_.executor()); }

    void ask(resolver& names, const url& url);

    shard_core& shard_;
    event changed_;
    std::shared_ptr<name_lookup* const> alive_; // by which an answer finds this, if it still exists
    std::optional<resolver::addresses> found_;
};

/// Returns the tick at which an operation that begins now exceeds `limit`; `never` if the limit is 0.
inline ticks give_up_at(ticks now, std::chrono::milliseconds limit) noexcept {
    return limit.count() == 0 ? name_lookup::never : due_after(now, limit);
}

} // namespace fairlead
