// The input of a session, up to its next message.

#include "session/session_impl.hpp"

#include "log/log.hpp"
#include "session/describe.hpp"
#include "session/library_work.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <ctime>
#include <utility>

namespace fairlead {

namespace {

// Bytes that a session without buffered input may read when nothing is left of the budget: enough for a small
// message, too little to matter.
constexpr std::size_t small_read = 1024;

// The time after which a session that may not read for lack of memory tries again.
constexpr ticks memory_pause{4};

// The cheapest clock there is; it advances every few milliseconds.
[[gnu::noinline]] turn_budget::time coarse_now() noexcept {
    ::timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::chrono::seconds{now.tv_sec} + turn_budget::time{now.tv_nsec / 1'000'000};
}

} // namespace

// Returns null once `to` wants no more, or once there are no more messages (`why_ended`). Otherwise returns
// the event to wait for.
event* session_impl::poll(message_sink& to) {
    // True if new bytes were announced and all earlier bytes are decoded.
    bool announced = std::exchange(waiting_, wait::nothing) == wait::bytes;
    for (;; announced = false) {
        if (turn_used_up())
            return &wait_for(wait::turn);
        if (over_high_watermark())
            write_queued();
        if (over_high_watermark() && receiving_ != receive_state::ended)
            return &wait_for(wait::writable);
        if (!announced && may_decode() && decode(to))
            return nullptr;
        if (receiving_ == receive_state::ended) {
            deadlines_.handles(shard_.now());
            return nullptr;
        }

        write_queued();
        if (over_high_watermark())
            continue;
        if (!announced && receiving_ == receive_state::open && channel_->drained())
            return &wait_for_bytes();
        const bool holds_nothing = announced && queued_ == 0 && !deadlines_.inside_message();
        const std::size_t most =
            receiving_ == receive_state::open ? may_read(holds_nothing ? 0 : channel_->held()) : stream::plenty;
        if (most == 0)
            return &wait_for(wait::memory);
        if (fill(most))
            continue;
        if (receiving_ == receive_state::open)
            return &wait_for_bytes();
        enter(receive_state::ended, errc::stopping);
    }
}

// Returns true if `to` wants no more. Otherwise more input is needed, or there are no more messages (`why_ended`).
bool session_impl::decode(message_sink& to) {
    const auto before = budget_.messages();
    const auto outcome = channel_->receive(to);
    if (share_.is_lent() && budget_.messages() != before)
        lend_again(1); // bytes behind the message in the same memory are lent from the next wait on
    note_own_output();
    if (!outcome) {
        end_undecoded(outcome.error());
        return false;
    }
    if (*outcome == receive_outcome::ended)
        end_decoded();
    input_ = *outcome == receive_outcome::exhausted ? input::decoded : input::unknown;
    return *outcome == receive_outcome::stopped || *outcome == receive_outcome::exhausted;
}

void session_impl::end_undecoded(error_code why) {
    explanation_ = std::make_unique<const std::string>(channel_->explain(why));
    enter(receive_state::ended, why);
}

void session_impl::end_decoded() {
    if (std::string words = channel_->explain_end(); !words.empty())
        explanation_ = std::make_unique<const std::string>(std::move(words));
    enter(receive_state::ended, errc::closed);
}

// Returns true if there is something new to decode: bytes, or the end.
bool session_impl::fill(std::size_t most) {
    // After a stop, one more read takes the bytes that have arrived. More reads might never end, if the peer
    // sends without a pause.
    if (receiving_ == receive_state::drained)
        return false;
    if (receiving_ == receive_state::draining)
        enter(receive_state::drained);
    const library_work filling{shard_};
    input_ = input::unknown;
    const auto filled = channel_->fill(most);
    if (filled) {
        budget_.filled();
        count_bytes_in(*filled);
        deadlines_.received(shard_.now());
        return true;
    }
    if (filled.error() == errc::would_block)
        return false;
    if (filled.error() != errc::closed) {
        if (const std::string words = channel_->explain_transport(); !words.empty())
            explanation_ = std::make_unique<const std::string>(filled.error().message() + " (" + words + ")");
        enter(receive_state::ended, filled.error());
    }
    return true;
}

// Returns the bytes that the session may read now; 0: it waits for memory. While more is left of the budget,
// and of the share of its address, than the session holds, there is no limit. Otherwise a session that holds
// nothing may read a little; another one may fill its buffer, or else read the rest of its message, if no
// other session is finishing one.
std::size_t session_impl::may_read(std::size_t held) {
    charge();
    if (share_.has_room(held, shard_.blocks().budget()))
        return stream::plenty;
    if (held == 0)
        return small_read;
    if (const std::size_t room = channel_->room())
        return room;
    return may_finish_message(held) ? stream::plenty : 0;
}

bool session_impl::may_finish_message(std::size_t held) {
    return share_.may_finish(id_, held, shard_.blocks().budget(), shard_.now(),
                             [this](const buffer_budget& within) { note_finishing(within); });
}

void session_impl::note_finishing(const buffer_budget& within) {
    const bool of_all = &within == shard_.blocks().budget();
    const std::string full = of_all ? "the buffers of all sessions are full (--buffer-budget)"
                                    : "the buffers of its address are full (--max-buffer-per-address)";
    log_warning(log_topic::memory_short, full + ": " + describe(*this) + " may finish its message, others wait",
                origin_of(*this));
}

// Called before a wait for input, or for memory for input.
void session_impl::park_input() noexcept {
    deadlines_.receives(shard_.now(), channel_->park());
    charge();
    if (share_.is_lent())
        lend_again(channel_->held_input());
}

event& session_impl::wait_for_bytes() {
    waiting_ = wait::bytes;
    shard_.loop().session_waits();
    park_input();
    if (!deadlines_.inside_message())
        finish_with_memory();
    return channel_->readable();
}

event& session_impl::wait_for(wait reason) {
    waiting_ = reason;
    shard_.loop().session_waits();
    switch (reason) {
    case wait::turn:
        write_queued();
        notify_in_next_turn();
        return may_go_on_;
    case wait::writable:
        channel_->park();
        charge();
        deadlines_.holds_back(shard_.now());
        shard_.counters().held_back.add();
        return may_go_on_;
    case wait::memory:
        park_input();
        arm_deadline();
        shard_.counters().held_for_memory.add();
        return may_go_on_;
    default: return wait_for_bytes();
    }
}

void session_impl::notify_in_next_turn() {
    boost::asio::post(shard_.executor(), [self = weak_from_this()] {
        if (const auto alive = self.lock())
            alive->may_go_on_.notify();
    });
}

void session_impl::arm_deadline() noexcept {
    const ticks due = deadlines_.look_again(shard_.now());
    shard_.arm(*this, waiting_ == wait::memory ? std::min(shard_.now() + memory_pause, due) : due);
}

void session_impl::stop_waiting() noexcept {
    waiting_ = wait::nothing;
    shard_.loop().session_begins(id_);
    deadlines_.stops_waiting(shard_.now());
}

void session_impl::hold_back() noexcept {
    shard_.loop().session_waits();
    begin_hold();
}

void session_impl::go_on() noexcept {
    begin_turn();
    end_hold();
}

void session_impl::begin_hold() noexcept {
    ++held_back_;
    deadlines_.holds_back(shard_.now());
}

void session_impl::end_hold() noexcept {
    if (--held_back_ == 0 && deadlines_.phase() == session_phase::held_back) // not while another coroutine receives
        deadlines_.goes_on_handling(shard_.now());
}

void session_impl::begin_turn() noexcept {
    budget_.begin();
    shard_.loop().session_begins(id_);
}

// Reads the clock only if the session has more messages.
bool session_impl::turn_is_over() {
    const bool goes_on = may_decode() && (channel_->inside_message() || channel_->input_ended());
    return (goes_on || budget_.spent()) && budget_.used_up(coarse_now());
}

// Returns true if the handler gets the next message in this turn. Called when something has changed that may forbid it.
bool session_impl::may_take_more() {
    return receiving_ != receive_state::ended && !over_high_watermark() && !turn_is_over();
}

} // namespace fairlead
