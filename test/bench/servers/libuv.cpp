// libuv HOST PORT
//
// libuv as its guide advises for speed: uv_try_write first, uv_write for what is left. It reads into one buffer that
// all connections share; only a frame that has not come whole is kept.

#include "framed.hpp"

#include <uv.h>

#include <string>
#include <sys/socket.h>

namespace {

using namespace fairlead::bench;

constexpr std::size_t usual_read = 64 * 1024; // what libuv asks for

struct connection {
    ::uv_tcp_t socket{};
    ::uv_write_t writing{};
    std::string begun;  // of a frame that has not come whole
    std::string unsent; // what `writing` writes; nothing is read meanwhile
};

std::string input; // what was begun, and behind it what is being read

::uv_stream_t* stream_of(connection& peer) {
    return reinterpret_cast<::uv_stream_t*>(&peer.socket);
}

connection& connection_of(void* handle) {
    return *static_cast<connection*>(static_cast<::uv_handle_t*>(handle)->data);
}

void require(int result, const char* what) {
    if (result < 0) {
        std::fprintf(stderr, "libuv: %s: %s\n", what, ::uv_strerror(result));
        std::exit(1);
    }
}

void end(connection& peer) {
    auto* const handle = reinterpret_cast<::uv_handle_t*>(&peer.socket);
    if (!::uv_is_closing(handle))
        ::uv_close(handle, [](::uv_handle_t* closed) { delete &connection_of(closed); });
}

void make_room(::uv_handle_t* handle, std::size_t, ::uv_buf_t* room) {
    const std::string& begun = connection_of(handle).begun;
    if (input.size() < begun.size() + usual_read)
        input.resize(begun.size() + usual_read);
    *room = ::uv_buf_init(input.data() + begun.size(), usual_read);
}

void take(::uv_stream_t* stream, ::ssize_t got, const ::uv_buf_t* bytes);

void written(::uv_write_t* request, int failed) {
    connection& peer = connection_of(request->handle);
    peer.unsent.clear();
    if (failed < 0 || ::uv_read_start(stream_of(peer), make_room, take) < 0)
        end(peer);
}

void send(connection& peer, char* bytes, std::size_t size) {
    ::uv_buf_t reply = ::uv_buf_init(bytes, static_cast<unsigned>(size));
    const int sent = ::uv_try_write(stream_of(peer), &reply, 1);
    if (sent < 0 && sent != UV_EAGAIN)
        return end(peer);
    const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (taken == size)
        return;
    peer.unsent.assign(bytes + taken, size - taken);
    ::uv_read_stop(stream_of(peer));
    reply = ::uv_buf_init(peer.unsent.data(), static_cast<unsigned>(peer.unsent.size()));
    if (::uv_write(&peer.writing, stream_of(peer), &reply, 1, written) < 0)
        end(peer);
}

void take(::uv_stream_t* stream, ::ssize_t got, const ::uv_buf_t*) {
    connection& peer = connection_of(stream);
    if (got == 0)
        return;
    if (got < 0)
        return end(peer);
    const std::size_t begun = peer.begun.size();
    if (begun != 0)
        peer.begun.copy(input.data(), begun);
    const std::size_t size = begun + static_cast<std::size_t>(got);
    const auto whole = whole_frames(input.data(), size);
    if (!whole)
        return end(peer);
    peer.begun.assign(input.data() + *whole, size - *whole);
    if (*whole != 0)
        send(peer, input.data(), *whole);
}

void accept(::uv_stream_t* listener, int failed) {
    require(failed, "accept");
    auto* const peer = new connection;
    require(::uv_tcp_init(listener->loop, &peer->socket), "uv_tcp_init");
    peer->socket.data = peer;
    if (::uv_accept(listener, stream_of(*peer)) < 0 || ::uv_tcp_nodelay(&peer->socket, 1) < 0 ||
        ::uv_read_start(stream_of(*peer), make_room, take) < 0)
        end(*peer);
}

} // namespace

int main(int count, char** arguments) {
    const address where = parse_address(count, arguments);
    ::uv_loop_t* const loop = ::uv_default_loop();
    ::uv_tcp_t listener;
    ::sockaddr_in own{};
    int size = sizeof own;
    require(::uv_ip4_addr(where.host, where.port, &own), "HOST");
    require(::uv_tcp_init(loop, &listener), "uv_tcp_init");
    require(::uv_tcp_bind(&listener, reinterpret_cast<::sockaddr*>(&own), 0), "bind");
    require(::uv_listen(reinterpret_cast<::uv_stream_t*>(&listener), SOMAXCONN, accept), "listen");
    require(::uv_tcp_getsockname(&listener, reinterpret_cast<::sockaddr*>(&own), &size), "getsockname");
    announce(where, ::ntohs(own.sin_port));
    return ::uv_run(loop, UV_RUN_DEFAULT);
}
