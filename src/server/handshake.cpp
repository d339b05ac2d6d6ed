#include "server/handshake.hpp"

#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/name_lookup.hpp"

#include <fairlead/byte_buffer.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace fairlead {

namespace {

// Bytes of a first message that may be held while buffers are full: enough for most of them, too little to matter.
constexpr std::size_t small_hello = 1024;

// The interval at which a handshake checks whether buffers have room again.
constexpr ticks memory_pause{4};

// The interval at which a handshake checks for a place that the rate has made free.
constexpr ticks place_pause{1};

// The time that a refused peer has to read the reason, and the bytes that are read from it meanwhile.
constexpr std::chrono::milliseconds linger_time{1'000};
constexpr std::uint32_t max_dropped = 64 * 1024;

// A handshake takes two round trips at most behind the first message.
constexpr std::chrono::milliseconds time_in_stop{1'000};

} // namespace

void session_group::handshake::begin(session_group& group, std::unique_ptr<stream> socket,
                                     std::shared_ptr<const session_rules> rules, admission::permit held) {
    auto made = std::make_unique<handshake>(group, std::move(socket), std::move(rules), std::move(held));
    made.release()->go_on();
}

session_group::handshake::handshake(session_group& group, std::unique_ptr<stream> socket,
                                    std::shared_ptr<const session_rules> rules, admission::permit held)
    : shutdown_hook{group.shard_}, group_{group.keep_alive()}, rules_{std::move(rules)}, held_{std::move(held)},
      share_{held_.buffers()}, socket_{*socket}, tls_{accept_tls(group.shard_, std::move(socket),
                                                                 rules_->tls->context())},
      due_{give_up_at(group.shard_.now(), rules_->tls->timeout())} {
    group.handshakes_.push_front(*this);
}

session_group::handshake::~handshake() {
    stop_waiting();
    if (tls_)
        finish_with_memory();
}

// Begins no session here: the caller iterates over the handshakes of the group.
void session_group::handshake::hurry() noexcept {
    bool awaited = state_ == state::waiting || state_ == state::shaking;
    if (state_ == state::hello)
        log_exceptions([&] { awaited = receive_hello().has_value(); });
    if (!awaited)
        return end();
    const ticks now = group_->shard_.now();
    due_ = std::min(due_, due_after(now, time_in_stop));
    group_->shard_.arm(*this, now + ticks{1});
}

void session_group::handshake::end() noexcept {
    const auto group = group_;
    delete this;
    group->release_one();
}

void session_group::handshake::go_on() noexcept {
    group_->shard_.loop().other_work();
    if (state_ == state::lingering)
        return drop_input();
    error_code outcome = make_error_code(boost::system::errc::not_enough_memory);
    log_exceptions([&] { outcome = advance(); });
    if (!outcome)
        begin_session();
    else if (outcome == errc::would_block)
        wait();
    else
        fail(outcome);
}

error_code session_group::handshake::advance() {
    if (state_ == state::hello) {
        if (const auto whole = receive_hello(); !whole)
            return whole.error();
    }
    if (state_ != state::shaking && !has_place()) {
        if (state_ == state::hello)
            group_->held_for_handshakes_.add();
        state_ = state::waiting;
        return errc::would_block;
    }
    state_ = state::shaking;
    const auto done = tls_->handshake();
    return done ? error_code{} : done.error();
}

result<void> session_group::handshake::receive_hello() {
    held_back_ = !may_read_on();
    const auto whole = tls_->receive_hello(held_back_ ? small_hello : stream::plenty);
    share_.charge(tls_->hello_size());
    share_.lend_again(tls_->hello_size(), group_->shard_.blocks().budget());
    return whole;
}

// As `session_impl::may_read`: reads on while enough is left; else a small part, and then the rest of one
// message at a time.
bool session_group::handshake::may_read_on() noexcept {
    shard_core& shard = group_->shard_;
    const std::size_t held = tls_->hello_size();
    return share_.has_room(held, shard.blocks().budget()) ||
           (held >= small_hello &&
            share_.may_finish(id(), held, shard.blocks().budget(), shard.now(), [](const buffer_budget&) {}));
}

void session_group::handshake::finish_with_memory() noexcept {
    share_.charge(0);
    share_.finished(id(), group_->shard_.blocks().budget());
}

bool session_group::handshake::has_place() {
    handshake_places& places = rules_->tls->places();
    if (!place_)
        place_.emplace(places, group_->shard_, tls_->remote());
    else if (!place_->is_taken() && places.is_paced())
        places.look(group_->shard_.steady_now());
    return place_->is_taken();
}

void session_group::handshake::wait() noexcept {
    shard_core& shard = group_->shard_;
    const bool waits = state_ == state::waiting;
    ticks due = due_;
    if (waits && rules_->tls->places().is_paced())
        due = std::min(due, shard.now() + place_pause);
    if (state_ == state::hello && held_back_ && tls_->hello_size() >= small_hello)
        due = std::min(due, shard.now() + memory_pause);
    if (due != name_lookup::never)
        shard.arm(*this, due);
    (waits ? place_->taken() : tls_->readable()).add(*this);
}

// It waits for at most one event, and any event can remove it.
void session_group::handshake::stop_waiting() noexcept {
    if (tls_)
        tls_->readable().remove(*this);
}

void session_group::handshake::leave(bool resumed) {
    if (resumed)
        go_on();
}

void session_group::handshake::on_deadline(ticks now) {
    stop_waiting();
    if (now < due_)
        return go_on();
    if (state_ != state::lingering && tls_->begun() && group_->state_ == session_group::state::serving)
        report(tls_errc::handshake_timeout);
    end();
}

void session_group::handshake::begin_session() noexcept {
    const auto group = group_;
    const auto rules = rules_;
    group->tls_handshakes_.add();
    finish_with_memory();
    auto transport = std::move(tls_);
    admission::permit held = std::move(held_);
    delete this;
    group->begin_over(std::move(transport), rules, std::move(held));
}

// Sends the alert with the reason, then reads and drops input: a close with unread bytes would reset the connection.
void session_group::handshake::fail(const error_code& why) noexcept {
    if (!tls_->begun())
        return end(); // a port scan, or a check that this server is reachable
    report(why);
    state_ = state::lingering;
    due_ = due_after(group_->shard_.now(), linger_time);
    group_->shard_.arm(*this, due_);
    tls_->shutdown();
    tls_->release();
    finish_with_memory();
    place_.reset(); // last: the next handshake takes as much memory
    drop_input();
}

void session_group::handshake::report(const error_code& why) noexcept {
    group_->tls_handshake_failures_.add();
    log_exceptions([&] {
        const endpoint remote = tls_->remote();
        const std::string words = tls_->explain();
        const std::string reason = why.message() + (words.empty() ? "" : " (" + words + ")");
        log_warning(log_topic::tls_failed, "the TLS handshake with " + remote.to_string() + " failed: " + reason,
                    {.peer = remote.to_string()});
        rules_->tls->note_refusal(remote, "its TLS handshake failed: " + reason);
    });
}

void session_group::handshake::drop_input() noexcept {
    bool waits = false;
    log_exceptions([&] {
        byte_buffer dropped{group_->shard_.blocks()};
        while (dropped_ < max_dropped) {
            const auto got = socket_.try_fill(dropped, stream::plenty);
            if (!got) {
                waits = got.error() == errc::would_block;
                break;
            }
            dropped_ += static_cast<std::uint32_t>(*got);
            dropped.release();
        }
    });
    if (!waits)
        return end();
    socket_.readable().add(*this);
}

} // namespace fairlead
