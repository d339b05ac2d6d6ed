#include "client/pool_state.hpp"

#include "core/cancellation.hpp"
#include "runtime/alarm.hpp"
#include "runtime/shard_core.hpp"
#include "session/session_impl.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

// Returns true if the connection can be lent again: neither unrequested bytes nor the end have
// arrived. Records that TLS sends for itself, such as a ticket, do not count.
bool in_step(session& one) {
    return one.is_reusable() && impl_of(one).stays_quiet();
}

} // namespace

class pool_state::place {
public:
    explicit place(pool_state& in) noexcept : pool_{&in} { ++in.in_use_; }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() {
        if (pool_)
            pool_->leave();
    }
    void keep() noexcept { pool_ = nullptr; }

private:
    pool_state* pool_;
};

/// The place of a caller in the line. Its destructor lets the next caller advance, however this one ends.
class pool_state::turn {
public:
    explicit turn(pool_state& in) : pool_{in}, at_{in.line_.insert(in.line_.end(), 0)} {}
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() {
        pool_.line_.erase(at_);
        pool_.look_again();
    }

    bool has_come() const noexcept { return pool_.line_.begin() == at_ && pool_.has_room(); }

private:
    pool_state& pool_;
    const std::list<int>::iterator at_;
};

pool_state::unused::unused(pool_state& pool, std::shared_ptr<session> connection) noexcept
    : pool_{pool}, connection_{std::move(connection)}, arrived_{impl_of(*connection_).input_arrived()} {
    arrived_.add(*this);
}

void pool_state::unused::leave(bool resumed) {
    if (!resumed)
        return;
    if (in_step(*connection_))
        return arrived_.add(*this); // nothing that counts has arrived
    pool_.drop(*this);
}

pool_state::~pool_state() = default;

pool_state::pool_state(shard_core& shard, dial connect, pool_options options)
    : shutdown_hook{shard}, shard_{shard}, dial_{std::move(connect)}, options_{std::move(options)} {
    if (options_.max == 0)
        throw std::invalid_argument{"a pool of at most 0 connections serves nobody; max is at least 1"};
}

boost::asio::awaitable<result<connection_pool::lease>> pool_state::acquire(std::shared_ptr<pool_state> self,
                                                                           std::chrono::milliseconds limit) {
    const auto here = std::move(self);
    const alarm end{here->shard_, limit, here->changed_};
    std::optional<turn> waiting{std::in_place, *here};
    while (!here->closed_ && !end.rung() && !waiting->has_come()) {
        co_await here->changed_.wait();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
    if (here->closed_)
        co_return errc::closed;
    if (!waiting->has_come())
        co_return errc::timed_out;
    place used{*here};
    waiting.reset();

    while (const auto one = here->take_unused()) {
        bool good = false;
        std::exception_ptr thrown;
        try {
            good = co_await still_good(here, one);
        } catch (...) {
            thrown = std::current_exception();
        }
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (good && !here->closed_ && !is_cancelled(state)) {
            used.keep();
            co_return connection_pool::lease{here, one};
        }
        one->abort(errc::closed);
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
        if (thrown)
            std::rethrow_exception(thrown);
    }
    if (here->closed_)
        co_return errc::closed;
    login attempt{here->shard_, here->options_.connect};
    here->logins_.push_front(attempt);
    auto connecting = here->dial_();
    auto connected = co_await attempt.run(std::move(connecting));
    if (!connected)
        co_return connected.error();
    if (here->closed_)
        co_return errc::closed;
    used.keep();
    co_return connection_pool::lease{here, std::move(*connected)};
}

boost::asio::awaitable<bool> pool_state::still_good(std::shared_ptr<pool_state> self, std::shared_ptr<session> one) {
    const auto here = std::move(self);
    const auto connection = std::move(one);
    if (!in_step(*connection))
        co_return false;
    if (!here->options_.healthy)
        co_return true;
    const bool healthy = co_await here->options_.healthy(*connection);
    const bool good = healthy && in_step(*connection);
    co_return good;
}

void pool_state::give_back(std::shared_ptr<session> connection, bool reusable) noexcept {
    if (!reusable || closed_ || !keep(connection))
        connection->abort(errc::closed);
    leave();
}

bool pool_state::keep(std::shared_ptr<session> connection) noexcept {
    try {
        if (!in_step(*connection)) // input that came before it is idle is not announced again
            return false;
        unused& one = idle_.emplace_front(*this, std::move(connection));
        impl_of(*one.connection()).begin_hold();
        if (options_.idle_timeout.count() > 0)
            shard_.arm(one, due_after(shard_.now(), options_.idle_timeout));
        return true;
    } catch (...) { // there is no memory to keep it
        return false;
    }
}

std::shared_ptr<session> pool_state::take_unused() noexcept {
    if (idle_.empty())
        return nullptr;
    auto taken = idle_.front().connection();
    idle_.pop_front();
    impl_of(*taken).end_hold();
    return taken;
}

void pool_state::drop(const unused& one) noexcept {
    const auto dropped = one.connection(); // keeps it alive: it may be notifying its input event now
    dropped->abort(errc::closed);
    idle_.remove_if([&](const unused& each) { return &each == &one; });
}

void pool_state::leave() noexcept {
    --in_use_;
    look_again();
}

void pool_state::close() noexcept {
    closed_ = true;
    for (const unused& each : idle_)
        each.connection()->abort(errc::closed);
    idle_.clear();
    for (login* each = logins_.front(); each; each = logins_.after(*each))
        each->abandon();
    look_again();
}

} // namespace fairlead
