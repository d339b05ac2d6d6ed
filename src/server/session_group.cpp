#include "server/session_group.hpp"

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "stream/socket_stream.hpp"

#include <boost/asio/co_spawn.hpp>

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
    auto transport = socket_stream::make(shard_, std::move(socket), remote);
    if (!transport) {
        accept_failures_.add();
        log_error("a connection from " + remote.to_string() + " was refused: " + transport.error().message());
        return release_one();
    }
    auto peer = std::make_shared<session>(shard_, std::move(*transport), rules.messages, rules.bounds);
    accepted_.add();
    sessions_.insert(peer.get());
    if (stopping_)
        peer->stop();
    boost::asio::co_spawn(shard_.executor(), run(std::move(peer), rules.what), [](std::exception_ptr thrown) {
        if (thrown)
            log_error("a session could not be ended well: " + describe_exception(thrown));
    });
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
        thrown = std::current_exception();
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
    total.accepted += accepted_.value();
    total.closed += closed_.value();
    total.active += accepted_.value() - closed_.value();
    total.handler_failures += handler_failures_.value();
    total.framing_failures += framing_failures_.value();
    total.accept_failures += accept_failures_.value();
}

} // namespace fairlead
