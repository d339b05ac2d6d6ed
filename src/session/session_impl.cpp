#include "session/session_impl.hpp"

#include "core/next_id.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "session/describe.hpp"
#include "session/session_target.hpp"

#include <fairlead/websocket.hpp>

#include <utility>

namespace fairlead {

namespace {

closed_by who_ended(const error_code& why, bool peer_has_ended) noexcept {
    if (!why)
        return closed_by::none;
    if (why.category() == websocket_category())
        return closed_by::peer;
    if (why.category() != error_category())
        return closed_by::system;
    switch (static_cast<errc>(why.value())) {
    case errc::closed: return peer_has_ended ? closed_by::peer : closed_by::local;
    case errc::truncated:
    case errc::message_too_large:
    case errc::malformed: return closed_by::peer;
    case errc::stopping: return closed_by::stop;
    case errc::first_message_timeout:
    case errc::message_timeout:
    case errc::idle_timeout:
    case errc::write_timeout:
    case errc::handler_timeout:
    case errc::refused_by_limit: return closed_by::limit;
    default: return closed_by::local;
    }
}

} // namespace

session_impl::session_impl(shard_core& shard, channel& messages, std::shared_ptr<const fairlead::limits> bounds)
    : shutdown_hook{shard}, shard_{shard}, channel_{&messages}, limits_{std::move(bounds)},
      deadlines_{*limits_, shard.now()}, id_{next_id()}, began_{static_cast<std::uint32_t>(shard.now().count())} {
    shard_.arm(*this, deadlines_.look_again(shard_.now()));
}

// Leaves the event that it waits for: events of a channel may outlive the channel.
session_impl::~session_impl() {
    wait_no_more();
    end_watchers();
    finish_with_memory();
    if (handle_)
        handle_->set_ended();
}

void session_impl::wait_no_more() noexcept {
    may_go_on_.remove(*this); // removes it from any event
}

void session_impl::use(channel& messages) noexcept {
    channel_ = &messages;
    input_ = input::unknown;
    deadlines_.use_pings();
    if (deadline::linked())
        arm_deadline();
}

// --- states

// Only forward: later states are greater.
void session_impl::enter(receive_state next, error_code why) noexcept {
    if (receiving_ >= next)
        return;
    receiving_ = next;
    if (next != receive_state::ended)
        return;
    budget_.look_now();
    finish_with_memory();
    end_category_ = &why.category();
    end_value_ = why.value();
    if (first_end_ == first_end::none)
        first_end_ = first_end::receiving;
}

void session_impl::enter(send_state next, error_code why) noexcept {
    if (sending_ >= next)
        return;
    sending_ = next;
    in_place_most_ = 0;
    if (handle_)
        handle_->set_ended();
    end_watchers();
    if (parts_) {
        if (parts_->outgoing)
            parts_->outgoing->bytes.release();
        wake(); // coroutines that wait to begin a message
    }
    if (next != send_state::failed)
        return;
    if (first_end_ == first_end::none)
        first_end_ = first_end::sending;
    count_messages_out(std::exchange(uncounted_, 0));
    channel_->fail_output(why);
    queued_ = 0;
    deadlines_.write_done();
    if (handle_)
        handle_->set_queued(0);
    wake();
}

fairlead::close_reason session_impl::close_reason() const {
    if (first_end_ == first_end::none)
        return {};
    const bool received = first_end_ == first_end::receiving;
    const error_code code = received ? why_ended() : channel_->output_failure();
    return {.code = code,
            .by = who_ended(code, channel_->input_ended()),
            .detail = received && explanation_ ? *explanation_ : std::string{}};
}

bool session_impl::is_reusable() {
    return first_end_ == first_end::none && receiving_ == receive_state::open && sending_ == send_state::open &&
           !sends_in_parts() && !channel_->input_ended() && !channel_->inside_message();
}

// A deadline that is not armed stays so: it has passed, or the session is closed.
void session_impl::set_limits(const fairlead::limits& bounds) {
    validate(bounds);
    auto own = std::make_shared<const fairlead::limits>(bounds);
    deadlines_.use(*own);
    limits_ = std::move(own);
    in_place_most_ = 0;
    budget_.look_now();
    if (handle_)
        handle_->set_most(limits_->max_write_buffer);
    if (deadline::linked())
        arm_deadline();
    if (waiting_ == wait::writable || parts_) // the high watermark may have changed
        wake();
}

// --- the shard

// Coroutines that wait in `receive` or `flush` look again at the end of this turn.
void session_impl::wake() noexcept {
    waking_ = true;
    shard_.at_end_of_turn(*this);
}

void session_impl::end_of_turn() {
    if (!waking_ && queued_ == 0)
        return;
    const auto alive = weak_from_this().lock(); // a resumed coroutine may release this
    const bool wake = std::exchange(waking_, false);
    log_exceptions([this] { write_queued(); });
    if (wake) {
        shard_.loop().other_work();
        may_go_on_.notify();
        channel_->readable().notify();
    }
}

void session_impl::on_deadline(ticks now) {
    if (waiting_ == wait::memory)
        wake();
    const auto overdue = deadlines_.first();
    if (overdue.due > now) {
        if (deadlines_.ping_due() <= now)
            log_exceptions([this] { ping(); });
        shard_.arm(*this, deadlines_.look_again(now));
        return;
    }
    switch (deadlines_.phase()) {
    case session_phase::lingering: deadlines_.flushes(now); return wake();
    case session_phase::receiving:
        if (overdue.why == errc::write_timeout)
            return abort(overdue.why);
        enter(receive_state::ended, overdue.why); // queued messages are still sent
        wake();
        deadlines_.handles(now);
        shard_.arm(*this, deadlines_.look_again(now));
        return;
    default:
        abort(overdue.why);
        if (overdue.why == errc::handler_timeout) {
            shard_.counters().handlers_overdue.add();
            log_warning(log_topic::handler_overdue,
                        describe(*this) + ": its handler has not finished for " +
                            std::to_string(limits_->handler_timeout.count()) + " ms; the connection is closed",
                        origin_of(*this));
        }
        return;
    }
}

// A ping counts as activity, as all bytes to the peer do. So a peer that does not answer has the whole idle
// timeout from now.
void session_impl::ping() {
    deadlines_.pinged();
    if (channel_->ping())
        note_own_output();
}

// Releases the coroutines that wait here. Such a coroutine owns this session, which owns the event, which
// owns the coroutine, so it would never be destroyed. Earlier posts that wake this session are destroyed
// before those made here, and so before this session.
void session_impl::on_shard_shutdown() {
    abort(errc::closed);
    wait_no_more();
    may_go_on_.notify_later(shard_.executor());
    channel_->readable().notify_later(shard_.executor());
    channel_->writable().notify_later(shard_.executor());
}

} // namespace fairlead
