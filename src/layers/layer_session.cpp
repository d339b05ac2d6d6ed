#include "layers/layer_session.hpp"

#include "core/cancellation.hpp"
#include "core/time_after.hpp"
#include "session/impl_behind.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

boost::asio::awaitable<result<bytes_view>> layer_session::receive(std::chrono::milliseconds limit) {
    return receive_until(time_after(now(), std::max(limit, std::chrono::milliseconds{0})));
}

boost::asio::awaitable<result<bytes_view>> layer_session::receive_until(std::optional<time_point> end) {
    finish_last();
    for (;;) {
        while (!in_hand_) {
            result<bytes_view> message = errc::would_block;
            if (const auto ready = adapted().try_receive())
                message = *ready;
            else
                message = co_await receive_next(end);
            if (!message)
                co_return message.error();
            if (takes(*message))
                in_hand_ = *message;
            else if (end && now() >= *end)
                co_return errc::timed_out;
        }
        if (enter())
            co_return give();
        keep();
        if (end && now() >= *end)
            co_return errc::timed_out;
        const auto outcome = co_await wait(end.value_or(time_point::max()));
        const bool is_over = outcome == session_pause::outcome::ending || has_ended();
        const auto state = co_await boost::asio::this_coro::cancellation_state;
        if (is_cancelled(state) && (is_over || outcome == session_pause::outcome::cancelled))
            co_return error_code{boost::asio::error::operation_aborted};
        if (is_over) {
            const auto why = co_await drop_rest();
            co_return why;
        }
    }
}

boost::asio::awaitable<result<bytes_view>> layer_session::receive_next(std::optional<time_point> end) {
    if (!end)
        return adapted().receive();
    return adapted().receive(std::chrono::ceil<std::chrono::milliseconds>(*end - now()));
}

boost::asio::awaitable<error_code> layer_session::drop_rest() {
    done();
    lose();
    for (;;) {
        const auto message = co_await adapted().receive();
        if (!message)
            co_return message.error();
        dropped();
    }
}

std::optional<bytes_view> layer_session::try_receive() {
    finish_last();
    while (!in_hand_) {
        const auto message = adapted().try_receive();
        if (!message)
            return {};
        if (takes(*message))
            in_hand_ = *message;
    }
    if (enter())
        return give();
    keep();
    return {};
}

boost::asio::awaitable<error_code> layer_session::ended() {
    done();
    lose();
    return adapted().ended();
}

// A message may be in hand since a cancelled receive, and the session may have ended since.
void layer_session::finish_last() {
    done();
    if (in_hand_ && has_ended())
        lose();
}

bool layer_session::has_ended() {
    if (const auto* const ours = impl_behind(adapted()))
        return ours->has_received_all();
    return static_cast<bool>(adapted().close_reason());
}

// Copies a datagram: the session frees it when its place is given to another peer.
void layer_session::keep() {
    if (!std::exchange(waits_, true))
        waited();
    if (adapted().remote().transport() != transport::udp || in_hand_->data() == kept_.data())
        return;
    kept_.assign(in_hand_->begin(), in_hand_->end());
    in_hand_ = bytes_view{kept_};
}

void layer_session::lose() {
    if (!in_hand_)
        return;
    in_hand_.reset();
    waits_ = false;
    dropped();
}

// After `close` the session receives no more.
bool layer_session::takes(bytes_view message) {
    const verdict decided = judge(message);
    if (decided == verdict::close)
        close();
    return decided == verdict::pass;
}

bytes_view layer_session::give() {
    const bytes_view message = *in_hand_;
    in_hand_.reset();
    waits_ = false;
    begin(message);
    return message;
}

boost::asio::awaitable<session_pause::outcome> layer_session::wait(time_point until) {
    session_pause pause{*this, until};
    co_return co_await pause.wait();
}

} // namespace fairlead
