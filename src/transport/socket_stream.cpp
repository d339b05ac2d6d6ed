#include "transport/socket_stream.hpp"
#include "runtime/shard_core.hpp"

#include "core/system_error.hpp"
#include "net/resolve.hpp"

#include <algorithm>
#include <iterator>
#include <sys/socket.h>
#include <sys/uio.h>

namespace fairlead {

namespace {

// Room for one read: a smaller one would cost more calls than the copy to a larger buffer does.
constexpr std::size_t read_room = 16 * 1024;

::iovec to_iovec(bytes_view bytes) noexcept {
    return {const_cast<unsigned char*>(bytes.data()), bytes.size()}; // the system only reads
}

// Not part of `try_write_both`, which so needs less stack for one buffer.
[[gnu::noinline]] ssize_t send_both(int socket, bytes_view head, bytes_view body) noexcept {
    ::iovec pieces[] = {to_iovec(head), to_iovec(body)};
    ::msghdr both{};
    both.msg_iov = pieces;
    both.msg_iovlen = std::size(pieces);
    return ::sendmsg(socket, &both, MSG_NOSIGNAL);
}

} // namespace

result<std::unique_ptr<stream>> socket_stream::make(shard_core& shard, unique_descriptor socket,
                                                    const endpoint& remote) {
    return watched(std::unique_ptr<socket_stream>{new socket_stream{shard, std::move(socket), remote}});
}

result<std::unique_ptr<stream>> socket_stream::watched(std::unique_ptr<socket_stream> made) {
    if (const error_code failed = made->shard_.watch(made->socket_.get(), *made)) {
        made->socket_.reset();
        return failed;
    }
    return std::unique_ptr<stream>{std::move(made)};
}

socket_stream::~socket_stream() {
    forget_socket();
}

result<std::size_t> socket_stream::try_fill(byte_buffer& to, std::size_t most) {
    if (!socket_)
        return errc::closed;
    while (input_ != input::none) {
        const auto free = to.prepare(std::min(read_room, most));
        const auto room = free.first(std::min(free.size(), most));
        const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), 0);
        if (got > 0) {
            const auto size = static_cast<std::size_t>(got);
            to.commit(size);
            if (size < room.size() && input_ == input::announced)
                input_ = input::none;
            return size;
        }
        if (got == 0) {
            input_ = input::ended;
            return errc::closed;
        }
        if (errno == EAGAIN)
            input_ = input::none;
        else if (errno != EINTR)
            return last_system_error();
    }
    return errc::would_block;
}

result<std::size_t> socket_stream::try_write_both(bytes_view head, bytes_view body) {
    if (!socket_)
        return errc::closed;
    for (;;) {
        const ssize_t put = body.empty() ? ::send(socket_.get(), head.data(), head.size(), MSG_NOSIGNAL)
                                         : send_both(socket_.get(), head, body);
        if (put >= 0)
            return static_cast<std::size_t>(put);
        if (errno == EAGAIN)
            return errc::would_block;
        if (errno != EINTR)
            return last_system_error();
    }
}

// After the end of the input, `close` mostly follows in the same turn and tells the peer too, so
// this waits for the end of the turn.
void socket_stream::shutdown() noexcept {
    if (input_ == input::ended)
        shard_.at_end_of_turn(*this);
    else if (socket_)
        ::shutdown(socket_.get(), SHUT_WR);
}

void socket_stream::close() noexcept {
    if (!socket_)
        return;
    forget_socket();
    shard_.at_end_of_turn(*this);
}

// Notifies one event at a time, because each notification may destroy this.
void socket_stream::end_of_turn() {
    if (socket_) {
        ::shutdown(socket_.get(), SHUT_WR);
        return;
    }
    if (!readable_.awaited())
        return writable_.notify();
    if (writable_.awaited())
        shard_.at_end_of_turn(*this);
    readable_.notify();
}

endpoint socket_stream::local() const {
    const auto local = local_endpoint(socket_.get());
    return local ? *local : endpoint{};
}

void socket_stream::on_readable(bool hangup) {
    if (hangup || reads_may_be_short_)
        input_ = input::unknown;
    else if (input_ == input::none)
        input_ = input::announced;
    readable_.notify();
}

void socket_stream::on_writable() {
    writable_.notify();
}

void socket_stream::forget_socket() noexcept {
    if (!socket_)
        return;
    shard_.unwatch(socket_.get(), *this);
    socket_.reset();
}

} // namespace fairlead
