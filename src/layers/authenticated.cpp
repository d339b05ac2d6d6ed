#include <fairlead/layers/authenticated.hpp>

#include "core/time_after.hpp"
#include "layers/layer_counter.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/task_group.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

struct login_rules {
    login_rules(const login_limits& limits, const layer_metrics& in)
        : bounds{limits}, accepted{count_logins(in, "authenticated", "accepted")},
          wrong{count_logins(in, "authenticated", "wrong")}, late{count_logins(in, "authenticated", "late")} {}

    login_limits bounds;
    layer_counter accepted, wrong, late;
};

/// The login of one session.
///
///     reading ──accepted──▶ accepted
///        ├── wrong, no attempt left · the session ends ──▶ refused
///        └── deadline ──▶ late
class login_attempts {
public:
    enum class state : std::uint8_t { reading, accepted, refused, late };

    login_attempts(const login_rules& rules, async_login_check& check, session& peer) noexcept
        : rules_{rules}, check_{check}, peer_{peer} {}

    /// Returns true if the peer was accepted.
    boost::asio::awaitable<bool> run() {
        const auto body = [this](task_group& tasks) { return run_until_deadline(tasks); };
        co_await with_tasks(2, body);
        if (state_ == state::late)
            rules_.late.add();
        co_return state_ == state::accepted;
    }

private:
    boost::asio::awaitable<void> run_until_deadline(task_group& tasks) {
        const auto end = time_after(core_of(peer_.shard()).steady_now(), rules_.bounds.deadline);
        co_await tasks.start(check_messages());
        if (state_ == state::reading) {
            co_await tasks.start(wait_for(end));
            co_await tasks.wait_any();
        }
        tasks.cancel();
    }

    boost::asio::awaitable<void> wait_for(shard::clock::time_point end) {
        co_await peer_.shard().sleep_until(end);
        enter(state::late);
    }

    boost::asio::awaitable<void> check_messages() {
        for (std::size_t attempts = 0; state_ == state::reading;) {
            const auto message = co_await peer_.receive();
            if (!message) {
                enter(state::refused);
                co_return;
            }
            const login_verdict verdict = co_await check_(*message, peer_);
            if (verdict == login_verdict::accepted && enter(state::accepted))
                rules_.accepted.add();
            if (verdict == login_verdict::wrong) {
                rules_.wrong.add();
                if (++attempts >= rules_.bounds.max_attempts)
                    enter(state::refused);
            }
        }
    }

    // Only the first final state counts.
    bool enter(state next) noexcept {
        if (state_ != state::reading)
            return false;
        state_ = next;
        return true;
    }

    const login_rules& rules_;
    async_login_check& check_;
    session& peer_;
    state state_ = state::reading;
};

boost::asio::awaitable<void> serve_authenticated(const login_rules& rules, async_login_check& check, handler& inner,
                                                 session& peer) {
    login_attempts begun{rules, check, peer};
    const bool accepted = co_await begun.run();
    if (accepted)
        co_await inner.serve(peer);
}

boost::asio::awaitable<login_verdict> check_at_once(login_check& check, bytes_view message, session& peer) {
    co_return check(message, peer);
}

} // namespace

session_handler authenticated(async_login_check check, handler inner, login_limits bounds, layer_metrics counted) {
    if (bounds.deadline.count() <= 0 || bounds.max_attempts == 0)
        throw std::invalid_argument{
            "authenticated: `deadline` must be more than 0 and `max_attempts` at least 1, or no login ever succeeds"};
    return
        [rules = std::make_shared<const login_rules>(bounds, counted), check = std::move(check),
         inner = std::move(inner)](session& peer) mutable { return serve_authenticated(*rules, check, inner, peer); };
}

session_handler authenticated(login_check check, handler inner, login_limits bounds, layer_metrics counted) {
    async_login_check at_once = [check = std::move(check)](bytes_view message, session& peer) mutable {
        return check_at_once(check, message, peer);
    };
    return authenticated(std::move(at_once), std::move(inner), bounds, std::move(counted));
}

} // namespace fairlead
