#include "client/client_connection.hpp"

#include "base/guarded.hpp"
#include "client/alarm.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

namespace {

void log_if_thrown(std::exception_ptr thrown) {
    if (thrown)
        log_exception(thrown);
}

} // namespace

client_connection::client_connection(shard& home, dial connect, client_options options, std::uint64_t seed)
    : resident{home}, shard_{home}, dial_{std::move(connect)}, options_{std::move(options)},
      backoff_{options_.reconnect, seed}, open_{options_.id_of} {}

void client_connection::start() {
    boost::asio::co_spawn(shard_.executor(), run(shared_from_this()), log_if_thrown);
}

// --- the connection

boost::asio::awaitable<void> client_connection::run(std::shared_ptr<client_connection> self) {
    const auto here = std::move(self);
    while (!here->closing_) {
        here->enter(client_state::connecting, here->last_error_);
        auto connected = co_await here->connect_once();
        if (here->closing_)
            break;
        if (connected)
            co_await here->converse(std::move(*connected));
        else
            here->last_error_ = connected.error();
        if (here->closing_)
            break;
        here->enter(client_state::pausing, here->last_error_);
        co_await here->pause(here->backoff_.next());
    }
    here->enter(client_state::closed, here->last_error_);
}

// The attempt is a coroutine of its own, for who closes does not wait until it gives up.
boost::asio::awaitable<result<std::shared_ptr<session>>> client_connection::connect_once() {
    const auto now = std::make_shared<attempt>();
    boost::asio::co_spawn(shard_.executor(), make(shared_from_this(), now), log_if_thrown);
    while (!now->outcome && !closing_)
        co_await changed_.wait();
    if (!now->outcome)
        co_return errc::closed;
    co_return std::move(*now->outcome);
}

boost::asio::awaitable<void> client_connection::make(std::shared_ptr<client_connection> self,
                                                     std::shared_ptr<attempt> now) {
    const auto here = std::move(self);
    auto outcome = co_await here->dial_();
    now->outcome.emplace(std::move(outcome));
    here->changed_.notify();
}

boost::asio::awaitable<void> client_connection::converse(std::shared_ptr<session> peer) {
    session_ = peer;
    backoff_.connected(shard_.now());
    enter(client_state::connected, {});
    give_waiting();
    while (const auto message = co_await peer->receive())
        on_message(*message);
    session_ = nullptr;
    last_error_ = peer->cause();
    backoff_.ended(shard_.now());
    fail_open();
    if (closing_)
        co_await peer->finish();
    else
        peer->abort(errc::closed);
}

boost::asio::awaitable<void> client_connection::pause(std::chrono::milliseconds length) {
    const alarm end{shard_, std::max(length, std::chrono::milliseconds{1}), changed_};
    while (!end.rung() && !closing_)
        co_await changed_.wait();
}

void client_connection::enter(client_state next, error_code why) {
    state_ = next;
    if (options_.on_state)
        guarded([&] { options_.on_state(next, why); });
    changed_.notify();
}

void client_connection::on_message(bytes_view message) {
    if (client_call* const asked = open_.take(message))
        asked->end(to_string(message));
    else if (options_.on_message)
        guarded([&] { options_.on_message(message); });
}

// --- calls

boost::asio::awaitable<result<std::string>> client_connection::request(std::shared_ptr<client_connection> self,
                                                                       std::string message,
                                                                       std::chrono::milliseconds limit) {
    const auto here = std::move(self);
    const auto give_up = [&here](client_call& call) { here->late(call); };
    client_call call{here->shard_, std::move(message), true, limit, give_up};
    if (const error_code refused = here->submit(call))
        co_return refused;
    co_await call.wait();
    co_return call.take_outcome();
}

boost::asio::awaitable<result<void>> client_connection::send(std::shared_ptr<client_connection> self,
                                                             std::string message, std::chrono::milliseconds limit) {
    const auto here = std::move(self);
    const auto give_up = [&here](client_call& call) { here->late(call); };
    client_call call{here->shard_, std::move(message), false, limit, give_up};
    if (const error_code refused = here->submit(call))
        co_return refused;
    co_await call.wait();
    const auto given = call.take_outcome();
    if (!given)
        co_return given.error();
    const auto peer = std::move(call.written_to);
    co_await boost::asio::post(here->shard_.executor(),
                               boost::asio::deferred); // what others send in this turn goes along
    const auto flushed = co_await peer->flush();
    if (!flushed)
        co_return errc::outcome_unknown;
    co_return result<void>{};
}

boost::asio::awaitable<result<void>> client_connection::connected(std::shared_ptr<client_connection> self,
                                                                  std::chrono::milliseconds limit) {
    const auto here = std::move(self);
    const alarm end{here->shard_, limit, here->changed_};
    while (!here->session_ && !here->closing_ && !end.rung())
        co_await here->changed_.wait();
    if (here->closing_)
        co_return errc::closed;
    if (here->session_)
        co_return result<void>{};
    co_return here->last_error_ ? here->last_error_ : make_error_code(errc::timed_out);
}

// Why a call ends at once; else it waits for a connection, or has been given to one.
error_code client_connection::submit(client_call& call) {
    if (closing_)
        return errc::closed;
    if (call.for_reply && open_.size() + waiting_.size() >= options_.max_requests)
        return errc::send_queue_full;
    if (session_ && waiting_.empty()) {
        const error_code failed = give(call);
        if (failed != errc::closed)
            return failed;
    }
    if (waiting_bytes_ + call.message.size() > options_.max_waiting)
        return errc::send_queue_full;
    wait_in_queue(call, waiting_.end());
    return {};
}

// What the connection says of its own end is no failure of the message: it waits for the next one.
error_code client_connection::give(client_call& call) {
    if (call.for_reply && !open_.may_add(call.message))
        return errc::malformed;
    if (const auto sent = session_->send(call.message); !sent) {
        const error_code why = sent.error();
        const bool of_the_message =
            why == errc::message_too_large || why == errc::malformed || why == errc::send_queue_full;
        return of_the_message ? why : make_error_code(errc::closed);
    }
    call.written_to = session_;
    if (call.for_reply)
        open_.add(call.message, call);
    else
        call.end(std::string{});
    return {};
}

void client_connection::give_waiting() {
    while (session_ && !waiting_.empty()) {
        client_call& next = *waiting_.front();
        leave_queue(next);
        const error_code failed = give(next);
        if (failed == errc::closed)
            return wait_in_queue(next, waiting_.begin());
        if (failed)
            next.end(failed);
    }
}

void client_connection::wait_in_queue(client_call& call, std::list<client_call*>::iterator before) {
    waiting_bytes_ += call.message.size();
    call.place = waiting_.insert(before, &call);
}

void client_connection::leave_queue(client_call& call) {
    waiting_bytes_ -= call.message.size();
    waiting_.erase(*std::exchange(call.place, std::nullopt));
}

// Where replies come in order, a late one would be taken for the next: the connection is given up.
void client_connection::late(client_call& call) {
    if (call.place) {
        leave_queue(call);
        return call.end(errc::timed_out);
    }
    open_.forget(call);
    if (open_.in_order() && session_)
        std::exchange(session_, nullptr)->abort(errc::timed_out);
    call.end(errc::outcome_unknown);
}

void client_connection::fail_open() {
    for (client_call* const each : open_.take_all())
        each->end(errc::outcome_unknown);
}

// --- the end

boost::asio::awaitable<void> client_connection::close(std::shared_ptr<client_connection> self) {
    const auto here = std::move(self);
    here->begin_to_close();
    if (here->session_)
        here->session_->close();
    while (here->state_ != client_state::closed)
        co_await here->changed_.wait();
}

void client_connection::abandon() {
    begin_to_close();
    if (session_)
        session_->abort(errc::closed);
}

void client_connection::evict() {
    begin_to_close();
    for (client_call* const each : open_.take_all())
        each->end_later(errc::outcome_unknown, shard_);
}

void client_connection::begin_to_close() {
    closing_ = true;
    while (!waiting_.empty()) {
        client_call& next = *waiting_.front();
        leave_queue(next);
        next.end_later(errc::closed, shard_);
    }
    changed_.notify_later(shard_.executor());
}

} // namespace fairlead
