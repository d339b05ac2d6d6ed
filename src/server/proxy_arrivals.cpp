#include "server/proxy_arrivals.hpp"

#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "proxy/proxied_peer.hpp"
#include "proxy/proxy_header.hpp"
#include "runtime/deadline.hpp"
#include "runtime/name_lookup.hpp"
#include "runtime/readiness_handler.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

// Reads the first bytes without removing them.
ssize_t peek(int socket, unsigned char* into, std::size_t size) noexcept {
    ssize_t got = -1;
    do {
        got = ::recv(socket, into, size, MSG_PEEK);
    } while (got < 0 && errno == EINTR);
    return got;
}

bool take_away(int socket, std::size_t size) noexcept {
    unsigned char dropped[max_proxy_header_v2];
    while (size != 0) {
        const ssize_t got = ::recv(socket, dropped, std::min(size, sizeof dropped), 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        size -= got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return true;
}

bool has_ended(int socket) noexcept {
    ::pollfd state{socket, POLLRDHUP, 0};
    return ::poll(&state, 1, 0) > 0;
}

} // namespace

/// A header that is awaited.
///
/// Lifetime: deletes itself when it is whole, refused or late; `proxy_arrivals` outlives it.
class proxy_arrivals::header final : public list_hook<header>,
                                     private shutdown_hook, // keeps the clock running, for the deadline
                                     private readiness_handler,
                                     private deadline {
public:
    header(proxy_arrivals& owner, arrival accepted, admission::permit held)
        : shutdown_hook{owner.shard_}, owner_{owner}, connection_{std::move(accepted)}, held_{std::move(held)},
          due_{give_up_at(owner.shard_.now(), owner.rules_.options.header_timeout)} {
        owner_.awaited_.push_front(*this);
    }
    ~header() { unwatch(); }

    /// May delete this.
    void look() noexcept {
        unsigned char bytes[max_proxy_header_v2];
        const bool ended = has_ended(socket()); // checked first, so that bytes that come with the end are read
        const ssize_t got = peek(socket(), bytes, sizeof bytes);
        if (got <= 0)
            return got < 0 && errno == EAGAIN ? wait() : end();
        bool read = false;
        proxy_progress found;
        log_exceptions([&] {
            found = read_proxy_header({bytes, static_cast<std::size_t>(got)});
            if (found.state == proxy_state::whole)
                connection_.proxied =
                    std::make_unique<const proxied_peer>(announced_peer(found.header, connection_.transport_remote));
            read = true;
        });
        if (!read)
            return end();
        if (found.state == proxy_state::refused)
            return refuse(found.fault);
        if (found.state == proxy_state::whole)
            return take_away(socket(), found.header.size) ? hand_on() : end();
        if (ended)
            return refuse("it has ended inside its PROXY header");
        wait();
    }

    void end() noexcept { delete this; }

private:
    int socket() const noexcept { return connection_.socket.get(); }

    void wait() noexcept {
        if (!watched_ && owner_.shard_.watch(socket(), *this))
            return end();
        watched_ = true;
        if (due_ != name_lookup::never)
            owner_.shard_.arm(*this, due_);
    }

    void hand_on() noexcept {
        unwatch();
        const auto& take = owner_.rules_.take;
        arrival connection = std::move(connection_);
        admission::permit held = std::move(held_);
        delete this;
        log_exceptions([&] { take(std::move(connection), std::move(held)); });
    }

    void refuse(std::string_view why) noexcept {
        proxy_arrivals& owner = owner_;
        const arrival refused = std::move(connection_); // closed last: a peer that sees the end finds it counted
        delete this;
        owner.refuse(refused.transport_remote, why);
    }

    void unwatch() noexcept {
        if (std::exchange(watched_, false))
            owner_.shard_.unwatch(socket(), *this);
    }

    void on_readable(bool) override { look(); }
    void on_writable() override {}
    void on_deadline(ticks) override { refuse("its PROXY header did not come in time"); }
    void on_shard_shutdown() override {} // the listener ends it

    proxy_arrivals& owner_;
    arrival connection_;
    admission::permit held_;
    const ticks due_;
    bool watched_ = false;
};

void proxy_arrivals::receive(arrival accepted, admission::permit held) {
    if (!is_trusted(rules_.options, accepted.transport_remote))
        return refuse(accepted.transport_remote, "it is not one of the trusted proxies (--proxy-from)");
    auto awaited = std::make_unique<header>(*this, std::move(accepted), std::move(held));
    awaited.release()->look();
}

void proxy_arrivals::end() noexcept {
    while (header* const each = awaited_.front())
        each->end();
}

void proxy_arrivals::refuse(const endpoint& remote, std::string_view why) noexcept {
    refused_.add();
    log_exceptions([&] {
        log_warning(log_topic::connection_refused,
                    "a connection from " + remote.to_string() + " was refused: " + std::string{why},
                    {.peer = remote.to_string()});
    });
    if (rules_.on_refused)
        log_exceptions([&] { rules_.on_refused(remote, why); });
}

} // namespace fairlead
