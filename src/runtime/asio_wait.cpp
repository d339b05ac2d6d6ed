#include "runtime/asio_wait.hpp"

#include "core/system_error.hpp"
#include "core/unique_descriptor.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/shard_loop.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>

namespace fairlead {

namespace {

// While several sockets are served, more become ready. Polling again is cheaper than a return through
// Asio each time. The number of rounds is limited, so that other handlers of the io_context run too.
constexpr int max_rounds = 8;

} // namespace

asio_wait::asio_wait(shard_loop& loop, boost::asio::io_context& program, int poller) : loop_{loop}, program_{program} {
    unique_descriptor duplicate{::fcntl(poller, F_DUPFD_CLOEXEC, 0)};
    if (!duplicate)
        throw boost::system::system_error{last_system_error(), "fcntl"};
    poller_.emplace(program, duplicate.get());
    duplicate.release();
}

void asio_wait::request_turn() noexcept {
    if (requested_.exchange(true))
        return;
    try {
        boost::asio::post(program_, [this] {
            requested_ = false;
            make_turns();
        });
    } catch (...) {
        requested_ = false;
        log_exception(std::current_exception());
    }
}

void asio_wait::make_turns() {
    if (state_ == state::closed)
        return;
    const shard_loop::in_turns here{loop_};
    for (int round = 0; round < max_rounds && state_ != state::closed; ++round) {
        if (loop_.turn(false) < 2 && loop_.idle())
            break;
    }
    wait_if_needed();
}

void asio_wait::wait_if_needed() {
    if (state_ == state::closed)
        return;
    if (!loop_.idle())
        request_turn();
    if (loop_.nothing_left()) {
        if (state_ == state::waiting)
            poller_->cancel();
        return;
    }
    if (state_ == state::waiting)
        return;
    poller_->async_wait(boost::asio::posix::stream_descriptor::wait_read, waiting_.bind([this](const error_code&) {
        if (state_ != state::closed)
            state_ = state::idle;
        make_turns();
    }));
    state_ = state::waiting;
}

void asio_wait::close() noexcept {
    state_ = state::closed;
    log_exceptions([this] { poller_.reset(); });
}

} // namespace fairlead
