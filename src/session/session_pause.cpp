#include "session/session_pause.hpp"

#include "core/cancellation.hpp"
#include "session/impl_behind.hpp"

#include <boost/asio/this_coro.hpp>

namespace fairlead {

session_pause::session_pause(session& of, sleep_queue::time_point until)
    : sleeper{until}, shutdown_hook{core_of(of.shard())}, session_{impl_behind(of)}, shard_{core_of(of.shard())} {
    if (until != sleep_queue::time_point::max())
        shard_.sleepers().add(*this);
    if (session_)
        session_->hold_back();
}

session_pause::~session_pause() {
    shard_.sleepers().remove(*this);
    if (session_)
        session_->go_on();
}

boost::asio::awaitable<session_pause::outcome> session_pause::wait() {
    while (outcome_ == outcome::waiting) {
        if (session_ && session_->is_ending()) {
            outcome_ = outcome::ending;
            break;
        }
        co_await changed().wait();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (outcome_ == outcome::waiting && is_cancelled(state))
            outcome_ = outcome::cancelled;
    }
    co_return outcome_;
}

void session_pause::resume() {
    outcome_ = outcome::resumed;
    changed().notify();
}

// Resumes in a later turn, as `sleep_for` does.
void session_pause::wake_up() {
    if (outcome_ != outcome::waiting)
        return;
    outcome_ = outcome::passed;
    changed().notify_later(shard_.executor());
}

} // namespace fairlead
