#include "server/acceptor.hpp"
#include "runtime/shard_core.hpp"

#include "core/system_error.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "server/unix_peer.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

// Enough to keep up, few enough that sessions of the same shard are served in between.
constexpr int batch = 64;

// Single connections that fail are skipped. After this many in a row something else is wrong, and more
// attempts would spin.
constexpr unsigned max_failures_in_a_row = 8;

constexpr std::chrono::milliseconds look_again{500};

} // namespace

acceptor::acceptor(shard_core& shard, listen_socket opened, rules with)
    : shard_{shard}, socket_{std::move(opened.socket)}, local_{opened.local}, file_{std::move(opened.file)},
      sharing_{std::move(opened.sharing)}, rules_{std::move(with)} {
    timer_.emplace(shard, [this] {
        if (socket_)
            accept_some();
    });
    if (const error_code failed = shard_.watch(socket_.get(), *this))
        throw boost::system::system_error{failed, "cannot listen at " + local_.to_string()};
}

acceptor::~acceptor() {
    close();
}

// This socket is not lent to another process any more, and a hand-over of the other sockets does not affect it.
void acceptor::refuse_newcomers() noexcept {
    if (!socket_ || sharing_.is_shared())
        return;
    sharing_.joint.reset();
    file_.share(sharing_);
    close_to_newcomers(socket_.get(), local_);
}

void acceptor::stop(std::chrono::steady_clock::time_point handshakes_end) noexcept {
    failures_in_a_row_ = 0;
    if (sharing_.is_shared())
        return close();
    log_exceptions([&] {
        for (int taken = 0; taken <= backlog && socket_ && rules_.has_capacity();
             ++taken) { // the queue holds one more than `backlog`
            const accept_verdict verdict = accept_one();
            const bool more = verdict == accept_verdict::drained ? another_comes_before(handshakes_end)
                                                                 : verdict == accept_verdict::next;
            if (!more || failures_in_a_row_ >= max_failures_in_a_row)
                break;
        }
    });
    close();
}

// Unix sockets have no handshake before the backlog.
bool acceptor::another_comes_before(std::chrono::steady_clock::time_point deadline) const noexcept {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    ::pollfd waiting{socket_.get(), POLLIN, 0};
    return local_.family() != AF_UNIX && left.count() > 0 && ::poll(&waiting, 1, static_cast<int>(left.count())) > 0;
}

void acceptor::lend(std::vector<lent_socket>& to) const {
    if (socket_)
        to.push_back({copy_of(socket_.get()), sharing_.origin, file_.identity()});
}

void acceptor::on_readable(bool) {
    shard_.loop().other_work();
    accept_some();
}

void acceptor::resume() {
    if (held_ == hold::for_room)
        accept_some();
}

void acceptor::accept_some() {
    const hold before = std::exchange(held_, hold::none);
    for (int i = 0; i < batch && socket_; ++i) {
        if (!may_accept(before))
            return;
        switch (accept_one()) {
        case accept_verdict::next:
            rules_.rate->take();
            if (failures_in_a_row_ >= max_failures_in_a_row)
                return pause();
            break;
        case accept_verdict::drained: return;
        case accept_verdict::pause: return pause();
        case accept_verdict::fatal: return close();
        }
    }
    if (socket_)
        timer_->set(std::chrono::milliseconds{0}); // more connections may wait, which are not announced again
}

// Counts each wait once, however often the acceptor looks again during it.
bool acceptor::may_accept(hold before) {
    if (!rules_.has_capacity()) {
        held_ = hold::for_room;
        if (before != held_)
            counters_.held_for_sessions.add();
        timer_->set(look_again); // nothing announces that reserved descriptors are free again
        return false;
    }
    if (rules_.rate->is_limited() && !rules_.rate->ready(std::chrono::steady_clock::now())) {
        held_ = hold::for_rate;
        if (before != held_)
            counters_.held_for_rate.add();
        timer_->set(rules_.rate->wait());
        return false;
    }
    return true;
}

void acceptor::pause() {
    counters_.pauses.add();
    timer_->set(backoff_.next());
}

unique_descriptor acceptor::accept_next(::sockaddr_storage& address, ::socklen_t& size) noexcept {
    return unique_descriptor{
        ::accept4(socket_.get(), reinterpret_cast<::sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
}

accept_verdict acceptor::accept_one() {
    ::sockaddr_storage address{};
    ::socklen_t size = sizeof address;
    unique_descriptor accepted = accept_next(address, size);
    if (!accepted && (errno == EMFILE || errno == ENFILE) && rules_.make_room && rules_.make_room())
        accepted = accept_next(address, size);
    if (accepted) {
        backoff_.reset();
        failures_in_a_row_ = 0;
        const endpoint remote{reinterpret_cast<const ::sockaddr*>(&address), size};
        if (!admits(accepted.get(), remote))
            return accept_verdict::next;
        log_exceptions(
            [&] { rules_.take(std::move(accepted), remote); }); // an exception of one connection does not stop the next
        return accept_verdict::next;
    }
    const error_code why = last_system_error();
    const accept_verdict verdict = classify_accept_error(why.value());
    if (verdict != accept_verdict::drained)
        report(verdict, why);
    return verdict;
}

bool acceptor::admits(int accepted, const endpoint& remote) {
    if (rules_.users.empty() || local_.family() != AF_UNIX)
        return true;
    const auto user = peer_user(accepted);
    if (user && std::find(rules_.users.begin(), rules_.users.end(), *user) != rules_.users.end())
        return true;
    counters_.failures.add();
    const std::string peer_name = user ? "user " + std::to_string(*user) : "an unknown user: " + user.error().message();
    log_warning(log_topic::connection_refused,
                local_.to_string() + ": refused a connection from " + peer_name +
                    ", which is not allowed here (--unix-user)",
                {.peer = remote.to_string()});
    if (rules_.on_refused)
        log_exceptions([&] { rules_.on_refused(remote, peer_name + " is not allowed at " + local_.to_string()); });
    return false;
}

void acceptor::report(accept_verdict verdict, const error_code& why) {
    counters_.failures.add();
    ++failures_in_a_row_;
    const char* const consequence = verdict == accept_verdict::pause   ? "pausing until there is room"
                                    : verdict == accept_verdict::fatal ? "this listener is closed"
                                                                       : "going on with the next connection";
    log_error(log_topic::accept_failed, local_.to_string() + ": accept failed: " + why.message() + "; " + consequence);
}

void acceptor::close() noexcept {
    if (!socket_)
        return;
    shard_.unwatch(socket_.get(), *this);
    file_.remove();
    socket_.reset();
    timer_.reset();
}

} // namespace fairlead
