#include <fairlead/session.hpp>

namespace fairlead {

namespace {

// A peer that goes on sending after our last byte is read this far, so that it gets the chance to see our end.
constexpr std::size_t max_lingering_bytes = 16 * 1024 * 1024;

} // namespace

boost::asio::awaitable<void> session::close_gracefully() {
    close();
    write_queued();
    input_.release();
    deadlines_.flushes(shard_.now());
    const auto flushed = co_await flush();
    const bool overdue =
        end_ == errc::first_message_timeout || end_ == errc::message_timeout || end_ == errc::idle_timeout;
    if (flushed && !input_ended_ && !overdue && limits_->linger_timeout.count() != 0) {
        stream_->shutdown();
        co_await linger();
    }
    end_sending(errc::closed);
    stream_->close();
    deadline::unlink();
}

boost::asio::awaitable<void> session::linger() {
    deadlines_.lingers(shard_.now());
    shard_.arm(*this, deadlines_.first().due);

    std::size_t discarded = 0;
    while (discarded < max_lingering_bytes) {
        if (turn_used_up()) {
            co_await next_turn().wait();
            begin_turn();
        }
        byte_buffer scratch{shard_.blocks()};
        const auto filled = stream_->try_fill(scratch, stream::plenty);
        if (filled) {
            discarded += *filled;
            ++fills_this_turn_;
        } else if (filled.error() == errc::would_block) {
            scratch.release();
            co_await stream_->readable().wait();
            begin_turn();
        } else {
            break;
        }
    }
}

} // namespace fairlead
