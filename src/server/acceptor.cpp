#include "server/acceptor.hpp"

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "base/system_error.hpp"

#include <boost/system/system_error.hpp>

#include <sys/socket.h>

namespace fairlead {

namespace {

// Enough to keep up, few enough that sessions of the same shard are served in between.
constexpr int batch = 64;

} // namespace

acceptor::acceptor(shard& home, unique_descriptor socket, const endpoint& local, taker take)
    : shard_{home}, socket_{std::move(socket)}, local_{local}, take_{std::move(take)}, timer_{home.executor()} {
    if (const error_code failed = shard_.watch(socket_.get(), *this))
        throw boost::system::system_error{failed, "cannot listen at " + local_.to_string()};
}

acceptor::~acceptor() {
    close();
}

void acceptor::stop() {
    while (socket_ && accept_one() == accept_verdict::next) {}
    close();
}

void acceptor::on_readable(bool) {
    accept_some();
}

void acceptor::accept_some() {
    for (int i = 0; i < batch && socket_; ++i) {
        switch (accept_one()) {
        case accept_verdict::next: break;
        case accept_verdict::drained: return;
        case accept_verdict::pause: return accept_later(backoff_.next());
        case accept_verdict::fatal: return close();
        }
    }
    accept_later(std::chrono::milliseconds{0}); // more may wait, and nothing will announce them again
}

accept_verdict acceptor::accept_one() {
    ::sockaddr_storage address{};
    ::socklen_t size = sizeof address;
    unique_descriptor accepted{
        ::accept4(socket_.get(), reinterpret_cast<::sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (accepted) {
        backoff_.reset();
        const endpoint remote{reinterpret_cast<const ::sockaddr*>(&address), size};
        guarded([&] { take_(std::move(accepted), remote); }); // whatever one connection throws, the next is taken
        return accept_verdict::next;
    }
    const error_code why = last_system_error();
    const accept_verdict verdict = classify_accept_error(why.value());
    if (verdict != accept_verdict::drained)
        report(verdict, why);
    return verdict;
}

void acceptor::report(accept_verdict verdict, const error_code& why) {
    failures_.add();
    const auto now = std::chrono::steady_clock::now();
    if (verdict != accept_verdict::fatal && now - last_report_ < std::chrono::seconds{1})
        return;
    last_report_ = now;
    const char* const consequence = verdict == accept_verdict::pause   ? "pausing until there is room"
                                    : verdict == accept_verdict::fatal ? "this listener is closed"
                                                                       : "going on with the next connection";
    log_error(local_.to_string() + ": accept failed: " + why.message() + "; " + consequence);
}

void acceptor::accept_later(std::chrono::milliseconds pause) {
    timer_.expires_after(pause);
    timer_.async_wait([this](const error_code& cancelled) {
        if (!cancelled && socket_)
            accept_some();
    });
}

void acceptor::close() noexcept {
    if (!socket_)
        return;
    shard_.unwatch(socket_.get(), *this);
    socket_.reset();
    timer_.cancel();
}

} // namespace fairlead
