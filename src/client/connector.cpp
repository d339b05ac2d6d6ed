#include "client/connector.hpp"

#include "client/interleave.hpp"
#include "core/cancellation.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace fairlead {

static_assert(connection_race::never == name_lookup::never);

connector::connector(shard_core& shard, const connect_options& options)
    : shutdown_hook{shard}, shard_{shard}, options_{options}, give_up_{give_up_at(shard.now(), options.deadline)},
      race_{0, options.attempt_delay} {}

boost::asio::awaitable<result<connector::connection>> connector::run(resolver& names, const url& url) {
    name_lookup lookup{shard_};
    auto found = co_await lookup.run(names, url, give_up_);
    if (!found)
        co_return found.error();
    prepare(interleave(std::move(*found)));
    for (;;) {
        begin_those_due();
        if (winner_) {
            connection made{attempts_[*winner_]->release(), addresses_[*winner_]};
            attempts_.clear(); // this lives on while a handshake is made
            co_return made;
        }
        if (race_.lost())
            co_return race_.why();
        if (overdue())
            co_return errc::connect_timeout;
        co_await wait_until(std::min(race_.due(), give_up_));
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
}

boost::asio::awaitable<void> connector::wait_until(ticks due) {
    if (due != connection_race::never)
        shard_.arm(*this, due);
    co_await changed_.wait();
}

void connector::prepare(std::vector<endpoint> addresses) {
    addresses_ = std::move(addresses);
    attempts_.resize(addresses_.size());
    race_ = connection_race{addresses_.size(), options_.attempt_delay};
}

void connector::begin_those_due() {
    while (!winner_) {
        const auto which = race_.next(shard_.now());
        if (!which)
            return;
        begin(*which);
    }
}

void connector::begin(std::size_t which) {
    auto attempt = std::make_unique<connect_attempt>(shard_, [this, which](const error_code& outcome) {
        note(which, outcome);
        changed_.notify();
    });
    const error_code outcome = attempt->begin(addresses_[which], options_.socket);
    attempts_[which] = std::move(attempt);
    if (outcome != errc::would_block)
        note(which, outcome);
}

void connector::note(std::size_t which, const error_code& outcome) {
    if (!outcome) {
        if (!winner_)
            winner_ = which;
        return;
    }
    attempts_[which].reset();
    const bool full = outcome.value() == EAGAIN && addresses_[which].family() == AF_UNIX;
    if (full)
        race_.full(shard_.now());
    else
        race_.failed(outcome);
}

} // namespace fairlead
