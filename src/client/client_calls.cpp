// The half of client_connection that runs in the coroutines of its callers.

#include "client/client_connection.hpp"
#include "core/cancellation.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/alarm.hpp"
#include "session/session_impl.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <iterator>
#include <utility>

namespace fairlead {

/// Removes a call whose caller ends without an outcome, cancelled or for lack of memory, so that no reply finds it.
class client_connection::departure {
public:
    departure(client_connection& from, client_call& of) noexcept : from_{from}, call_{of} {}
    departure(const departure&) = delete;
    departure& operator=(const departure&) = delete;
    ~departure() {
        if (!call_.ended())
            log_exceptions([this] { from_.late(call_); });
    }

private:
    client_connection& from_;
    client_call& call_;
};

boost::asio::awaitable<result<std::string>> client_connection::request(std::shared_ptr<client_connection> self,
                                                                       std::string message,
                                                                       std::chrono::milliseconds limit) {
    return exchange(std::move(self), std::move(message), true, limit);
}

boost::asio::awaitable<result<void>> client_connection::send(std::shared_ptr<client_connection> self,
                                                             std::string message, std::chrono::milliseconds limit) {
    const auto sent = co_await exchange(std::move(self), std::move(message), false, limit);
    if (!sent)
        co_return sent.error();
    co_return result<void>{};
}

boost::asio::awaitable<result<std::string>> client_connection::exchange(std::shared_ptr<client_connection> self,
                                                                        std::string message, bool for_reply,
                                                                        std::chrono::milliseconds limit) {
    if (limit.count() <= 0)
        co_return errc::timed_out;
    const auto here = std::move(self);
    const auto give_up = [&here](client_call& call) { here->late(call); };
    client_call call{here->shard_, std::move(message), for_reply, limit, give_up};
    if (const error_code refused = here->submit(call))
        co_return refused;
    const departure leaving{*here, call};
    while (!call.ended()) {
        co_await call.end_event().wait();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (!call.ended() && is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
    co_return call.take_outcome();
}

boost::asio::awaitable<result<void>> client_connection::connected(std::shared_ptr<client_connection> self,
                                                                  std::chrono::milliseconds limit) {
    const auto here = std::move(self);
    const alarm end{here->shard_, limit, here->changed_};
    if (!end.rung())
        here->hurry(haste::called);
    while (!here->session_ && !here->closing() && !end.rung()) {
        co_await here->changed_.wait();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state))
            co_return error_code{boost::asio::error::operation_aborted};
    }
    if (here->closing())
        co_return errc::closed;
    if (here->session_)
        co_return result<void>{};
    co_return here->last_error_ ? here->last_error_ : make_error_code(errc::timed_out);
}

// Returns the reason if the call ends at once. Otherwise the call waits for a connection, or was given to one.
error_code client_connection::submit(client_call& call) {
    if (closing())
        return errc::closed;
    if (call.for_reply && open_.size() + waiting_.size() >= options_.max_in_flight)
        return errc::send_queue_full;
    if (session_ && waiting_.empty()) {
        const error_code failed = give(call);
        if (failed != errc::closed)
            return failed;
    }
    if (waiting_.size() >= options_.max_in_flight || waiting_bytes_ + call.message.size() > options_.max_waiting)
        return errc::send_queue_full;
    wait_in_queue(call);
    hurry(haste::called);
    return {};
}

error_code client_connection::give(client_call& call) noexcept {
    try {
        return give_to_session(call);
    } catch (...) {
        log_exception(std::current_exception());
        take_back(call);
        session_->abort(failed_by_exception); // no part of the message may be sent
        return failed_by_exception;
    }
}

// Returns `errc::closed` if the connection has ended. The message has not failed then: it waits for
// the next connection.
error_code client_connection::give_to_session(client_call& call) {
    if (call.for_reply) {
        auto key = open_.key_of(call.message);
        if (!key)
            return errc::malformed;
        open_.add(std::move(*key), call);
    } else {
        flush_later();
        sending_.push_back(&call);
        call.written_to = session_;
    }
    const auto sent = session_->send(call.message);
    if (sent)
        return {};
    take_back(call);
    const error_code why = sent.error();
    if (why == errc::message_too_large || why == errc::malformed || why == errc::send_queue_full)
        return why;
    impl_of(*session_).drain(); // a connection that takes no output might wait for its peer for ever
    return errc::closed;
}

void client_connection::take_back(client_call& call) noexcept {
    open_.remove(call);
    sending_.remove(&call);
    call.written_to = nullptr;
}

void client_connection::give_waiting() {
    while (session_ && !closing() && !waiting_.empty()) {
        client_call& next = *waiting_.front();
        const error_code failed = give(next);
        if (failed == errc::closed)
            return;
        leave_queue(next);
        if (failed)
            next.end(failed);
    }
}

void client_connection::wait_in_queue(client_call& call) {
    call.place = waiting_.insert(waiting_.end(), &call);
    waiting_bytes_ += call.message.size();
}

void client_connection::leave_queue(client_call& call) noexcept {
    waiting_bytes_ -= call.message.size();
    waiting_.erase(*std::exchange(call.place, std::nullopt));
}

// If replies arrive in order, a late reply would be taken for the next one, so the connection is
// given up. With ids, the ids of late replies are remembered, up to a limit.
void client_connection::late(client_call& call) {
    if (call.place) {
        leave_queue(call);
        return call.end(errc::timed_out);
    }
    if (call.for_reply) {
        open_.give_up(call);
        if (session_ && (open_.in_order() || open_.late() > options_.max_in_flight))
            std::exchange(session_, nullptr)->abort(errc::no_reply);
    } else {
        sending_.remove(&call);
    }
    call.end(errc::no_reply);
}

// One coroutine flushes for all callers that send while it runs.
void client_connection::flush_later() {
    if (flushing_ == session_)
        return;
    boost::asio::co_spawn(shard_.executor(), flush(shared_from_this(), session_), log_if_thrown);
    flushing_ = session_;
}

boost::asio::awaitable<void> client_connection::flush(std::shared_ptr<client_connection> self,
                                                      std::shared_ptr<session> peer) {
    const auto here = std::move(self);
    const auto to = std::move(peer);
    result<void> flushed = errc::connection_lost;
    try {
        // Messages that others send in this turn are flushed too.
        co_await boost::asio::post(here->shard_.executor(), boost::asio::deferred);
        flushed = co_await to->flush();
    } catch (...) {
        log_exception(std::current_exception());
        to->abort(failed_by_exception);
    }
    if (here->flushing_ == to)
        here->flushing_ = nullptr;

    std::list<client_call*> done;
    for (auto each = here->sending_.begin(); each != here->sending_.end();) {
        const auto next = std::next(each);
        if ((*each)->written_to == to)
            done.splice(done.end(), here->sending_, each);
        each = next;
    }
    for (client_call* const each : done)
        each->end(flushed ? result<std::string>{std::string{}} : result<std::string>{errc::connection_lost});
}

} // namespace fairlead
