#include "client/client_connection.hpp"

#include "log/log.hpp"
#include "runtime/alarm.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

client_connection::client_connection(shard_core& shard, dial connect, client_options options, std::uint64_t seed)
    : shutdown_hook{shard}, shard_{shard}, dial_{std::move(connect)}, options_{std::move(options)},
      backoff_{options_.reconnect, seed}, open_{options_.id_of} {}

void client_connection::start() {
    boost::asio::co_spawn(shard_.executor(), run(shared_from_this()), log_if_thrown);
}

// --- the connection

// Ends the client with its coroutine, also when Asio destroys the coroutine because there is no memory to wait.
class client_connection::last_word {
public:
    explicit last_word(client_connection& of) noexcept : of_{of} {}
    last_word(const last_word&) = delete;
    last_word& operator=(const last_word&) = delete;
    ~last_word() { of_.begin_to_close(life::ended); }

private:
    client_connection& of_;
};

boost::asio::awaitable<void> client_connection::run(std::shared_ptr<client_connection> self) {
    const auto here = std::move(self);
    const last_word whatever_happens{*here};
    try {
        while (!here->closing()) {
            here->haste_ = haste::none;
            here->enter(client_state::connecting, here->last_error_);
            co_await here->connect_and_converse();
            if (here->closing())
                break;
            here->enter(client_state::backing_off, here->last_error_);
            co_await here->pause(here->backoff_.next());
        }
    } catch (...) { // not even memory for a pause
        log_exception(std::current_exception());
    }
}

boost::asio::awaitable<void> client_connection::connect_and_converse() {
    try {
        auto connected = co_await connect_once();
        if (closing())
            co_return;
        if (connected)
            co_await converse(std::move(*connected));
        else
            last_error_ = connected.error();
    } catch (...) {
        log_exception(std::current_exception());
        last_error_ = failed_by_exception;
    }
}

// The attempt runs in a coroutine of its own, so `close` need not wait until the attempt gives up.
boost::asio::awaitable<connect_result> client_connection::connect_once() {
    const auto now = attempt_ = std::make_shared<attempt>(shard_, options_.connect);
    boost::asio::co_spawn(shard_.executor(), make(shared_from_this(), now), log_if_thrown);
    while (!now->outcome && !closing())
        co_await changed_.wait();
    if (!now->outcome)
        co_return errc::closed;
    co_return std::move(*now->outcome);
}

boost::asio::awaitable<void> client_connection::make(std::shared_ptr<client_connection> self,
                                                     std::shared_ptr<attempt> now) {
    const auto here = std::move(self);
    try {
        auto connecting = here->dial_();
        auto outcome = co_await now->login.run(std::move(connecting));
        now->outcome.emplace(std::move(outcome));
    } catch (...) {
        log_exception(std::current_exception());
        now->outcome.emplace(failed_by_exception);
    }
    here->changed_.notify();
}

boost::asio::awaitable<void> client_connection::converse(std::shared_ptr<session> peer) {
    session_ = peer;
    backoff_.connected(shard_.steady_now());
    enter(client_state::connected, {});
    try {
        co_await answer_calls(peer);
    } catch (...) {
        log_exception(std::current_exception());
        peer->abort(failed_by_exception);
    }
    session_ = nullptr;
    last_error_ = peer->close_reason().code;
    backoff_.ended(shard_.steady_now());
    fail_open();
    if (closing())
        co_await peer->close_gracefully();
    else
        peer->abort(errc::closed);
}

boost::asio::awaitable<void> client_connection::answer_calls(std::shared_ptr<session> peer) {
    give_waiting();
    while (const auto message = co_await peer->receive())
        on_message(*peer, *message);
}

boost::asio::awaitable<void> client_connection::pause(std::chrono::milliseconds length) {
    const alarm end{shard_, std::max(length, std::chrono::milliseconds{1}), changed_};
    const alarm early{shard_, options_.reconnect.initial_delay, changed_};
    while (!end.rung() && !closing() && haste_ != haste::asked && !(haste_ == haste::called && early.rung()))
        co_await changed_.wait();
}

void client_connection::reconnect_now() noexcept {
    hurry(haste::asked);
}

// Callers may learn of the end of a connection before the state changes.
void client_connection::hurry(haste how) noexcept {
    const bool lost = state_ == client_state::connected && !session_;
    if ((state_ != client_state::backing_off && !lost) || haste_ >= how)
        return;
    haste_ = how;
    shard_.at_end_of_turn(*this);
}

void client_connection::enter(client_state next, error_code why) {
    state_ = next;
    if (options_.on_state && !abandoned_)
        log_exceptions([&] { options_.on_state(next, why); });
    changed_.notify();
}

void client_connection::on_message(session& from, bytes_view message) {
    if (client_call* const asked = open_.take(message)) {
        result<std::string> reply = errc::no_reply;
        log_exceptions([&] { reply = to_string(message); });
        asked->end(std::move(reply));
    } else if (options_.on_message) {
        log_exceptions([&] { options_.on_message(message); });
    } else if (open_.in_order()) {
        log_warning(
            log_topic::message_dropped,
            "the connection to " + from.remote().to_string() +
                " is closed: a message arrived that no request waits for; replies arrive in order, so each later "
                "reply would go to the wrong request");
        from.abort(errc::malformed);
    }
}

void client_connection::fail_open() {
    while (client_call* const each = open_.take_next())
        each->end(errc::connection_lost);
}

// --- the end

boost::asio::awaitable<void> client_connection::close(std::shared_ptr<client_connection> self) {
    const auto here = std::move(self);
    here->begin_to_close(life::closing);
    if (here->session_)
        here->session_->close();
    while (here->state_ != client_state::closed)
        co_await here->changed_.wait();
}

void client_connection::abandon() {
    abandoned_ = true;
    begin_to_close(life::closing);
    if (session_)
        session_->abort(errc::closed);
}

void client_connection::begin_to_close(life next) noexcept {
    life_ = std::max(life_, next);
    if (attempt_)
        attempt_->login.abandon();
    shard_.at_end_of_turn(*this);
}

void client_connection::end_of_turn() {
    const auto alive = weak_from_this().lock();
    while (closing() && !waiting_.empty()) {
        client_call& next = *waiting_.front();
        leave_queue(next);
        next.end(errc::closed);
    }
    if (life_ == life::ended && state_ != client_state::closed) {
        if (const auto left = std::exchange(session_, nullptr))
            left->abort(errc::closed);
        fail_open();
        return enter(client_state::closed, last_error_);
    }
    changed_.notify();
}

// No further turn follows: posted tasks are destroyed.
void client_connection::on_shard_shutdown() {
    life_ = std::max(life_, life::closing);
    while (!waiting_.empty()) {
        client_call& next = *waiting_.front();
        leave_queue(next);
        next.end_later(errc::closed);
    }
    while (client_call* const each = open_.take_next())
        each->end_later(errc::connection_lost);
    for (client_call* const each : std::exchange(sending_, {}))
        each->end_later(errc::connection_lost);
    changed_.notify_later(shard_.executor());
}

} // namespace fairlead
