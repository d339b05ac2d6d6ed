#include "server/session_group.hpp"

#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/mailbox.hpp"
#include "server/handler_session.hpp"
#include "server/handshake.hpp"
#include "server/message_session.hpp"
#include "server/session_member.hpp"
#include "server/session_round.hpp"
#include "server/web_session.hpp"
#include "session/describe.hpp"
#include "transport/proxied_stream.hpp"
#include "transport/socket_stream.hpp"

#include <optional>
#include <utility>

namespace fairlead {

// Returns the function that starts a session once it has entered the group.
auto session_group::starting(const handler& serve) {
    return [&serve](member&& self, const std::shared_ptr<session_impl>&) { hand_to(serve, std::move(self)); };
}

void session_group::serve(arrival accepted, const std::shared_ptr<const session_rules>& rules, admission::permit held) {
    if (rules->tls)
        return shake_hands(std::move(accepted), rules, std::move(held));
    const endpoint remote = accepted.remote();
    begin_over([&] { return open(std::move(accepted)); }, remote, rules, std::move(held));
}

std::unique_ptr<stream> session_group::open(arrival accepted) {
    const endpoint& real = accepted.transport_remote;
    return accepted.proxied ? proxied_stream::make(shard_, std::move(accepted.socket), real, *accepted.proxied).value()
                            : socket_stream::make(shard_, std::move(accepted.socket), real).value();
}

void session_group::shake_hands(arrival accepted, const std::shared_ptr<const session_rules>& rules,
                                admission::permit held) {
    if (state_ != state::serving)
        return release_one();
    const endpoint remote = accepted.remote();
    try {
        handshake::begin(*this, open(std::move(accepted)), rules, std::move(held));
    } catch (...) {
        note_refusal(remote);
        release_one();
    }
}

void session_group::begin_over(std::unique_ptr<secure_stream> transport,
                               const std::shared_ptr<const session_rules>& rules, admission::permit held) {
    const endpoint remote = transport->remote();
    begin_over([&] { return std::move(transport); }, remote, rules, std::move(held));
}

template <class OpenTransport>
void session_group::begin_over(OpenTransport open, const endpoint& remote,
                               const std::shared_ptr<const session_rules>& rules, admission::permit held) {
    if (rules->web) {
        const auto make = [&] { return std::make_shared<opening_session>(shard_, open(), rules->bounds); };
        const auto start = [&](member&& self, std::shared_ptr<opening_session> peer) {
            web_session::begin(std::move(self), std::move(peer), rules);
        };
        return begin(make, remote, start, std::move(held));
    }
    const auto make = [&] { return make_session(shard_, open(), rules->messages, rules->bounds); };
    begin(make, remote, starting(rules->serve), std::move(held));
}

void session_group::end_handshakes() noexcept {
    while (handshake* const each = handshakes_.front())
        each->end();
}

void session_group::serve(std::unique_ptr<channel> messages, const handler& serve, std::shared_ptr<const limits> bounds,
                          admission::permit held) {
    const endpoint remote = messages->remote();
    const auto make = [&] { return make_session(shard_, std::move(messages), std::move(bounds)); };
    begin(make, remote, starting(serve), std::move(held));
}

template <class MakeSession, class Start>
void session_group::begin(MakeSession make, const endpoint& remote, Start start, admission::permit held) {
    if (state_ == state::closed)
        return release_one();
    bool entered = false;
    try {
        // Copying a framing or a handler runs code of the program, which may throw.
        auto peer = make();
        member self{*this, peer, std::move(held)};
        entered = true;
        const auto late = state_ == state::draining ? self.shared_peer() : nullptr; // its handshake ended during a stop
        shard_.loop().other_work();
        shard_.loop().session_begins(self.peer().id());
        start(std::move(self), std::move(peer));
        if (late)
            late->drain();
    } catch (...) {
        note_refusal(remote);
        if (!entered)
            release_one();
    }
}

// Gives the session its own copy of the handler.
void session_group::hand_to(const handler& serve, member&& self) {
    handler own = serve;
    if (own.per_message())
        message_session::begin(std::move(self), std::move(own));
    else
        handler_session::begin(std::move(self), std::move(own));
}

// Logs the exception that is handled now.
void session_group::note_refusal(const endpoint& remote) noexcept {
    const auto thrown = std::current_exception();
    log_exceptions([&] {
        log_error(log_topic::connection_refused,
                  "a connection from " + remote.to_string() + " was refused: " + describe_exception(thrown),
                  {.peer = remote.to_string()});
    });
    failures_.add();
}

void session_group::release_one() noexcept {
    load_.fetch_sub(1, std::memory_order_relaxed);
    tell_if_empty();
}

void session_group::pass_over(const member& leaving) noexcept {
    for (round* each = rounds_.front(); each; each = rounds_.after(*each))
        each->pass_over(leaving);
}

void session_group::tell_if_empty() noexcept {
    if (state_ != state::serving && members_.empty() && handshakes_.empty() && on_empty_)
        std::exchange(on_empty_, nullptr)();
}

void session_group::drain(const admission::listener& at) noexcept {
    for (const member* each = members_.front(); each; each = members_.after(*each)) {
        if (each->is_at(at))
            each->peer().drain();
    }
}

void session_group::stop(std::function<void()> on_empty) noexcept {
    if (state_ == state::serving)
        enter(state::draining);
    for (const member* each = members_.front(); each; each = members_.after(*each))
        each->peer().drain();
    for (handshake *each = handshakes_.front(), *next = nullptr; each; each = next) {
        next = handshakes_.after(*each);
        each->hurry();
    }
    on_empty_ = std::move(on_empty);
    tell_if_empty();
}

std::size_t session_group::cut_off(const std::string& why) noexcept {
    if (state_ >= state::cutting_off)
        return 0;
    enter(state::cutting_off);
    for (const member* each = members_.front(); each; each = members_.after(*each)) {
        session_impl& peer = each->peer();
        log_exceptions([&] { log_warning(log_topic::cut_off, describe(peer) + ": cut off, " + why, origin_of(peer)); });
        peer.abort(errc::stopping);
    }
    end_handshakes();
    return active_;
}

void session_group::close() noexcept {
    const auto alive = keep_alive(); // handshakes may hold the last pointers to the owner
    on_empty_ = nullptr;
    enter(state::closed);
    end_handshakes();
}

void session_group::enter(state next) noexcept {
    const std::lock_guard lock{mutex_};
    state_ = next;
}

bool session_group::was_cut_off() const {
    const std::lock_guard lock{mutex_};
    return state_ == state::cutting_off;
}

std::optional<std::string> session_group::name_of(std::uint64_t id) const {
    const std::lock_guard lock{mutex_};
    for (const member* each = members_.front(); each; each = members_.after(*each)) {
        if (each->peer().id() == id)
            return describe(each->peer());
    }
    return {};
}

std::size_t session_group::left() const {
    const std::lock_guard lock{mutex_};
    return active_;
}

session_statistics session_group::statistics() const {
    session_statistics found;
    {
        const std::lock_guard lock{mutex_};
        found.accepted = accepted_;
        found.active = active_;
        found.closed = closed_;
    }
    const shard_counters& counted = shard_.counters();
    found.tls_handshakes = tls_handshakes_.value();
    found.tls_handshake_failures = tls_handshake_failures_.value();
    found.held_for_handshakes = held_for_handshakes_.value();
    found.messages_in = counted.messages_in.value();
    found.messages_out = counted.messages_out.value();
    found.bytes_in = counted.bytes_in.value();
    found.bytes_out = counted.bytes_out.value();
    found.held_back = counted.held_back.value();
    found.send_queue_full = counted.send_queue_full.value() + shard_.inbox()->refused();
    found.held_for_memory = counted.held_for_memory.value();
    found.handlers_overdue = counted.handlers_overdue.value();
    found.buffered_bytes = shard_.blocks().leased();
    return found;
}

} // namespace fairlead
