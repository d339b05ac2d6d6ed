#pragma once

#include "core/unique_descriptor.hpp"
#include "net/kept_endpoint.hpp"
#include "runtime/poller.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/transport/stream.hpp>

#include <cstdint>
#include <memory>

namespace fairlead {

/// A connected stream socket on the poller of its shard.
///
/// A read that fills less than its room has taken all bytes that were announced. The next read waits
/// for the poller first, so no `recv` is made that could only return EAGAIN. Once the peer has hung
/// up, and after `look_again`, the stream reads on without waiting, because the end may have come
/// together with the last bytes and is not announced again. On a Unix socket a read also ends where
/// the peer has attached a descriptor (unix(7), it is dropped), so there each wait follows an EAGAIN.
class socket_stream : public stream, private readiness_handler, private end_of_turn_task {
public:
    /// Makes a stream. Errors: those of epoll_ctl(2); the descriptor is closed then.
    static result<std::unique_ptr<stream>> make(shard_core& shard, unique_descriptor socket, const endpoint& remote);

    ~socket_stream() override;

    result<std::size_t> try_fill(byte_buffer& input, std::size_t most) override;
    bool drained() const noexcept override { return input_ == input::none && socket_; }
    result<std::size_t> try_write(bytes_view bytes) override { return try_write_both(bytes, {}); }
    result<std::size_t> try_write_both(bytes_view head, bytes_view body) override;
    event& readable() noexcept override { return readable_; }
    event& writable() noexcept override { return writable_; }
    void look_again() noexcept override { input_ = input::unknown; }
    void shutdown() noexcept override;
    void close() noexcept override;
    endpoint local() const override;
    endpoint remote() const override { return remote_.get(); }
    int native_handle() const noexcept override { return socket_.get(); }

protected:
    socket_stream(shard_core& shard, unique_descriptor socket, const endpoint& remote)
        : shard_{shard}, socket_{std::move(socket)}, remote_{remote}, reads_may_be_short_{remote.family() == AF_UNIX} {}

    /// Begins to report readiness. Errors: as `make`.
    static result<std::unique_ptr<stream>> watched(std::unique_ptr<socket_stream> made);

private:
    //  none ──announced by the poller──▶ announced ──short read · EAGAIN──▶ none
    //    └────┴──hang-up · look_again()──▶ unknown ──EAGAIN──▶ none
    //         announced, unknown ──end──▶ ended ──hang-up · look_again()──▶ unknown
    enum class input : std::uint8_t { none, announced, unknown, ended };

    void on_readable(bool hangup) override;
    void on_writable() override;
    void end_of_turn() override; // makes a delayed `shutdown`, or notifies the waiters after `close`
    void forget_socket() noexcept;

    shard_core& shard_;
    unique_descriptor socket_;
    const kept_endpoint remote_;
    event readable_;
    event writable_;
    const bool reads_may_be_short_;
    input input_ = input::none; // bytes that have arrived already are announced too
};

} // namespace fairlead
