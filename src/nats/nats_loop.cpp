#include "nats/nats_loop.hpp"

#include "log/log.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/shard_core.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace fairlead {

namespace {

constexpr int calls_in_a_row = 8; // then the other sockets of the shard have their turn

} // namespace

nats_loop::nats_loop(shard_core& home, std::shared_ptr<mailbox> inbox, std::function<void()> on_room)
    : home_{home}, inbox_{std::move(inbox)}, on_room_{std::move(on_room)} {}

natsStatus nats_loop::apply_to(natsOptions* options) {
    return natsOptions_SetEventLoop(options, this, attach, want_read, want_write, detach);
}

natsStatus nats_loop::attach(void** self, void* loop, natsConnection* connection, natsSock socket) {
    auto& here = *static_cast<nats_loop*>(loop);
    here.socket_ = unique_descriptor{::fcntl(socket, F_DUPFD_CLOEXEC, 0)};
    if (!here.socket_)
        return NATS_ERR;
    here.connection_ = connection; // without the lock: nats.c holds its own, and the shard does not use this yet
    *self = loop;
    here.wants_read_ = true;
    return here.post(&nats_loop::start_watching);
}

natsStatus nats_loop::want_read(void* self, bool add) {
    static_cast<nats_loop*>(self)->wants_read_ = add;
    return NATS_OK;
}

natsStatus nats_loop::want_write(void* self, bool add) {
    auto& here = *static_cast<nats_loop*>(self);
    here.wants_write_ = add;
    if (add)
        static_cast<void>(
            here.post(&nats_loop::serve_write)); // nats.c has the bytes; if the shard has ended, `finish` writes them
    else
        here.on_room_();
    return NATS_OK;
}

natsStatus nats_loop::detach(void*) {
    return NATS_OK; // `close` follows
}

natsStatus nats_loop::post(void (nats_loop::*work)()) noexcept {
    try {
        const bool posted = inbox_->post([self = shared_from_this(), work] { ((*self).*work)(); });
        return posted ? NATS_OK : NATS_ERR;
    } catch (...) {
        return NATS_NO_MEMORY;
    }
}

void nats_loop::release() noexcept {
    const std::lock_guard lock{mutex_};
    connection_ = nullptr;
}

void nats_loop::close() noexcept {
    release();
    post(&nats_loop::stop_watching);
}

// If the socket cannot be watched, shuts it down, so that nats.c detects the end.
void nats_loop::start_watching() {
    if (watch_ != watch_state::none)
        return;
    if (const error_code failed = home_.watch(socket_.get(), *this)) {
        log_warning("NATS: the socket cannot be watched: " + failed.message());
        ::shutdown(socket_.get(), SHUT_RDWR);
        serve_read();
        return;
    }
    watch_ = watch_state::watched;
}

void nats_loop::stop_watching() noexcept {
    if (watch_ == watch_state::watched)
        home_.unwatch(socket_.get(), *this);
    watch_ = watch_state::ended;
    socket_.reset();
}

void nats_loop::on_readable(bool) {
    serve_read();
}

void nats_loop::on_writable() {
    serve_write();
}

bool nats_loop::is_readable() const noexcept {
    ::pollfd asked{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&asked, 1, 0) > 0;
}

// Calls nats.c until the socket is empty: the poller reports edges, and nats.c reads once per call.
void nats_loop::serve_read() {
    {
        const std::lock_guard lock{mutex_};
        for (int calls = 0; calls < calls_in_a_row; ++calls) {
            if (!connection_ || !wants_read_)
                return;
            natsConnection_ProcessReadEvent(connection_);
            if (!is_readable())
                return;
        }
    }
    post(&nats_loop::serve_read);
}

// nats.c keeps the bytes that the socket does not take; the poller reports when it takes more.
void nats_loop::serve_write() {
    const std::lock_guard lock{mutex_};
    if (connection_ && wants_write_)
        natsConnection_ProcessWriteEvent(connection_);
}

} // namespace fairlead
