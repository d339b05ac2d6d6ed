#include "log/log_writer.hpp"

#include "core/start_thread.hpp"
#include "log/line_format.hpp"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace fairlead {

namespace {

constexpr std::chrono::milliseconds patience_at_end{500};

// Also to a descriptor that another program has made non-blocking.
bool write_all(int descriptor, std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const ::ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            ::pollfd writable{descriptor, POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/// Blocks all signals, so that a thread started meanwhile gets none: neither those that the program handles, nor SIGPIPE.
class no_signals {
public:
    no_signals() noexcept {
        ::sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    no_signals(const no_signals&) = delete;
    no_signals& operator=(const no_signals&) = delete;
    ~no_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    ::sigset_t before_;
};

} // namespace

/// Shared with the thread, which may hang in write(2) for ever and is then left behind.
struct log_writer::state {
    explicit state(int to) noexcept : descriptor{to} {}

    void write_queued();
    std::string take_next();

    const int descriptor;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> lines;
    std::size_t queued = 0;    // bytes of `lines`
    std::uint64_t dropped = 0; // of which no line has told yet
    ::pid_t thread_is_in = 0;  // 0: it has not started
    bool writing = false;      // the thread is in write(2)
    bool ending = false;       // the thread returns once everything is written
    std::atomic<std::uint64_t> lost{0};
};

void log_writer::state::write_queued() {
    std::unique_lock locked{mutex};
    for (;;) {
        changed.wait(locked, [this] { return ending || !lines.empty(); });
        if (lines.empty())
            return;
        const std::string next = take_next();
        writing = true;
        locked.unlock();
        const bool written = write_all(descriptor, next);
        locked.lock();
        writing = false;
        if (!written)
            lost.fetch_add(1, std::memory_order_relaxed);
        if (lines.empty())
            changed.notify_all();
    }
}

std::string log_writer::state::take_next() {
    std::string next = std::move(lines.front());
    lines.pop_front();
    queued -= next.size();
    if (dropped != 0)
        next.insert(0, line_format::dropped(std::exchange(dropped, 0)));
    return next;
}

log_writer::log_writer(int descriptor) : state_{std::make_shared<state>(descriptor)} {}

log_writer::~log_writer() {
    flush(patience_at_end);
    const std::lock_guard locked{state_->mutex};
    state_->ending = true;
    state_->changed.notify_all();
}

void log_writer::write(std::string_view line) noexcept try {
    state& here = *state_;
    const std::lock_guard locked{here.mutex};
    if (here.thread_is_in != ::getpid()) {
        const no_signals meanwhile;
        start_thread("to write the log", [shared = state_] { shared->write_queued(); }).detach();
        here.thread_is_in = ::getpid();
        here.writing = false;
    }
    here.lines.emplace_back(line);
    here.queued += line.size();
    while (here.queued > max_queued) {
        here.queued -= here.lines.front().size();
        here.lines.pop_front();
        ++here.dropped;
        here.lost.fetch_add(1, std::memory_order_relaxed);
    }
    here.changed.notify_all();
} catch (...) { // no memory, or no thread
    state_->lost.fetch_add(1, std::memory_order_relaxed);
}

bool log_writer::flush(std::chrono::milliseconds limit) noexcept {
    state& here = *state_;
    std::unique_lock locked{here.mutex};
    return here.changed.wait_for(locked, limit, [&here] { return here.lines.empty() && !here.writing; });
}

std::uint64_t log_writer::lost() const noexcept {
    return state_->lost.load(std::memory_order_relaxed);
}

} // namespace fairlead
