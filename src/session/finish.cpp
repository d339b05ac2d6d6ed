#include <fairlead/session.hpp>

#include <boost/asio/steady_timer.hpp>

namespace fairlead {

namespace {

// A peer that goes on sending after our last byte is read this far, so that it gets the chance to see our end.
constexpr std::size_t max_lingering_bytes = 16 * 1024 * 1024;

} // namespace

boost::asio::awaitable<void> session::finish() {
    close();
    input_.release();
    const auto flushed = co_await flush();
    if (flushed && !input_ended_) {
        stream_->shutdown();
        co_await linger();
    }
    end_sending(errc::closed);
    stream_->close();
}

boost::asio::awaitable<void> session::linger() {
    boost::asio::steady_timer deadline{shard_.executor(), limits_.linger};
    deadline.async_wait([self = weak_from_this()](const error_code& cancelled) {
        const auto alive = self.lock();
        if (!cancelled && alive)
            alive->stream_->close();
    });

    std::size_t discarded = 0;
    while (discarded < max_lingering_bytes) {
        if (turn_used_up())
            co_await yield();
        byte_buffer scratch{shard_.blocks()};
        const auto filled = stream_->try_fill(scratch);
        if (filled) {
            discarded += *filled;
            ++fills_this_turn_;
        } else if (filled.error() == errc::would_block) {
            scratch.release();
            co_await stream_->readable().wait();
            fills_this_turn_ = 0;
        } else {
            break;
        }
    }
}

} // namespace fairlead
