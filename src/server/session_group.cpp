#include "server/session_group.hpp"

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "stream/socket_stream.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <utility>

namespace fairlead {

namespace {

std::string name_of(const session& peer) {
    return "session " + std::to_string(peer.id()) + " from " + peer.remote().to_string();
}

bool breaks_framing(const error_code& why) {
    return why == errc::malformed || why == errc::message_too_large || why == errc::truncated;
}

} // namespace

void session_group::serve(unique_descriptor socket, const endpoint& remote, const session_rules& rules) {
    session* registered = nullptr;
    try {
        // Copying a framing or a handler runs code of the program, which may throw.
        auto transport = socket_stream::make(shard_, std::move(socket), remote).value();
        auto peer = std::make_shared<session>(shard_, std::move(transport), rules.messages, rules.bounds);
        auto work = run(peer, rules.what);
        registered = *sessions_.insert(peer.get()).first;
        accepted_.add();
        boost::asio::co_spawn(shard_.executor(), std::move(work), [](std::exception_ptr thrown) {
            if (thrown)
                log_error("a session could not be ended well: " + describe_exception(thrown));
        });
    } catch (...) {
        if (sessions_.erase(registered) != 0)
            closed_.add();
        accept_failures_.add();
        log_error("a connection from " + remote.to_string() +
                  " was refused: " + escape(describe_exception(std::current_exception())));
        release_one();
    }
}

boost::asio::awaitable<void> session_group::run(std::shared_ptr<session> peer, handler what) {
    std::exception_ptr thrown;
    try {
        co_await what.serve(*peer);
    } catch (...) {
        thrown = std::current_exception();
    }
    report_end(*peer, thrown);
    try {
        co_await peer->finish();
    } catch (...) {
        log_error(name_of(*peer) + ": " + escape(describe_exception(std::current_exception())));
        peer->abort(errc::closed);
    }
    forget(*peer);
}

void session_group::report_end(const session& peer, std::exception_ptr thrown) {
    if (thrown) {
        handler_failures_.add();
        log_error(name_of(peer) + ": its handler threw: " + escape(describe_exception(thrown)));
    } else if (breaks_framing(peer.end_reason())) {
        framing_failures_.add();
        log_warning(name_of(peer) + ": " + peer.end_explanation());
    }
}

void session_group::forget(session& peer) {
    sessions_.erase(&peer);
    closed_.add();
    release_one();
}

void session_group::release_one() {
    load_.fetch_sub(1, std::memory_order_relaxed);
    if (stopping_ && sessions_.empty() && on_empty_)
        std::exchange(on_empty_, nullptr)();
}

void session_group::stop(std::function<void()> on_empty) {
    stopping_ = true;
    on_empty_ = std::move(on_empty);
    for (session* const each : sessions_)
        each->stop();
    if (sessions_.empty())
        std::exchange(on_empty_, nullptr)();
}

std::size_t session_group::cut_off(const std::string& why) {
    for (session* const each : sessions_) {
        log_warning(name_of(*each) + ": cut off, " + why);
        each->abort(errc::stopping);
    }
    return sessions_.size();
}

void session_group::add_to(statistics& total) const noexcept {
    const std::uint64_t closed = closed_.value();
    const std::uint64_t accepted = std::max(accepted_.value(), closed); // read while the shard counts on
    total.accepted += accepted;
    total.closed += closed;
    total.active += accepted - closed;
    total.handler_failures += handler_failures_.value();
    total.framing_failures += framing_failures_.value();
    total.accept_failures += accept_failures_.value();
}

} // namespace fairlead
