// asio-tuned HOST PORT | --inproc CONNECTIONS,DEPTH,SIZE,SECONDS
//
// Asio in the hands of somebody who has measured: takes what is there, answers all whole frames in one write out of the
// buffer that they were read into, and names the executor's own type, so that it is never looked up.

#include "asio_server.hpp"
#include "input_buffer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using executor = asio::io_context::executor_type;
using namespace fairlead::bench;

constexpr asio::as_tuple_t<asio::use_awaitable_t<executor>> awaited_with_error{asio::use_awaitable_t<executor>{}};

asio::awaitable<void, executor> echo(asio_socket<executor> peer) {
    input_buffer input;
    boost::system::error_code failed;
    peer.set_option(tcp::no_delay{true}, failed);
    for (;;) {
        if (input.size == input.capacity)
            input.grow();
        const auto room = asio::buffer(input.bytes.get() + input.size, input.capacity - input.size);
        const auto [not_read, got] = co_await peer.async_read_some(room, awaited_with_error);
        if (not_read)
            co_return;
        input.size += got;
        const auto whole = whole_frames(input.bytes.get(), input.size);
        if (!whole)
            co_return;
        if (*whole == 0)
            continue;
        const auto reply = asio::buffer(input.bytes.get(), *whole);
        const auto [not_sent, sent] = co_await asio::async_write(peer, reply, awaited_with_error);
        if (not_sent)
            co_return;
        input.drop(sent);
    }
}

} // namespace

int main(int count, char** arguments) {
    return serve_by_asio<executor>(count, arguments, echo);
}
