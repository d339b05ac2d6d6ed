#pragma once

#include "core/unique_descriptor.hpp"
#include "runtime/readiness_handler.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <nats/nats.h>

namespace fairlead {

class mailbox;
class shard_core;

/// Lets a shard wait for the socket of one connection of nats.c (natsOptions_SetEventLoop).
///
///     made ──attach()──▶ attached ──release()──▶ released ──close()──▶ closed
///
/// It watches a duplicate of the descriptor: nats.c closes its own on any thread, and the number may then
/// belong to another socket of the shard.
///
/// Thread safety: any thread. Lifetime: work that is posted to the shard owns it.
class nats_loop final : public std::enable_shared_from_this<nats_loop>, private readiness_handler {
public:
    /// `on_room` is called when all bytes have been written, with a lock of nats.c held.
    nats_loop(shard_core& home, std::shared_ptr<mailbox> inbox, std::function<void()> on_room);

    natsStatus apply_to(natsOptions* options);

    /// Returns the duplicate of the socket; -1 before it is attached. For the thread that connects.
    int socket() const noexcept { return socket_.get(); }

    /// Ends the calls of nats.c by the shard. May wait for a call that runs.
    void release() noexcept;

    /// The same, and closes the duplicate. After this the connection may be destroyed.
    void close() noexcept;

private:
    static natsStatus attach(void** self, void* loop, natsConnection* connection, natsSock socket);
    static natsStatus want_read(void* self, bool add);
    static natsStatus want_write(void* self, bool add);
    static natsStatus detach(void* self);

    void on_readable(bool hangup) override;
    void on_writable() override;
    void start_watching();
    void stop_watching() noexcept;
    void serve_read();
    void serve_write();
    bool is_readable() const noexcept;
    natsStatus post(void (nats_loop::*work)()) noexcept;

    shard_core& home_; // used on its thread only: it may have ended
    const std::shared_ptr<mailbox> inbox_;
    const std::function<void()> on_room_;
    unique_descriptor socket_; // set before it is posted, closed on the shard
    std::atomic<bool> wants_read_{false};
    std::atomic<bool> wants_write_{false};

    std::mutex mutex_;                     // held while nats.c is called on the shard
    natsConnection* connection_ = nullptr; // none once released
    enum class watch_state { none, watched, ended } watch_ = watch_state::none; // on the shard
};

} // namespace fairlead
