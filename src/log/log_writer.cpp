#include "log/log_writer.hpp"

#include "core/start_thread.hpp"
#include "log/line_format.hpp"

#include <fairlead/utf8.hpp>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace fairlead {

namespace {

constexpr std::chrono::milliseconds patience_at_end{500};
constexpr std::string_view erase_line = "\r\x1b[K";

// Returns one column less than the terminal has, because a full line may begin another one.
std::size_t columns_of(int terminal) noexcept {
    ::winsize size{};
    return ::ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79;
}

// Works also if another program has made the descriptor non-blocking.
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

/// Blocks all signals, so that a thread started meanwhile gets none: neither those that the program handles,
/// nor SIGPIPE.
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

/// The state that the thread shares. The thread may hang in write(2) for ever and is left behind then.
struct log_writer::state {
    explicit state(int to) noexcept : descriptor{to} {}

    void start_writing(std::shared_ptr<state> self);
    void write_queued();
    bool has_next() const noexcept { return !lines.empty() || below != shown_below; }
    std::string take_next();

    const int descriptor;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> lines;
    std::string below, shown_below; // wanted, and on the terminal
    std::size_t queued = 0;         // bytes of `lines`
    std::uint64_t dropped = 0;      // not reported by a line yet
    ::pid_t thread_is_in = 0;       // 0: it has not started
    bool writing = false;           // the thread is in write(2)
    bool ending = false;            // the thread returns once everything is written
    std::atomic<std::uint64_t> lost{0};
};

// Starts a new thread in a child process, which does not have the thread of its parent.
void log_writer::state::start_writing(std::shared_ptr<state> self) {
    if (thread_is_in == ::getpid())
        return;
    const no_signals meanwhile;
    start_thread("to write the log", [shared = std::move(self)] { shared->write_queued(); }).detach();
    thread_is_in = ::getpid();
    writing = false;
}

void log_writer::state::write_queued() {
    std::unique_lock locked{mutex};
    for (;;) {
        changed.wait(locked, [this] { return ending || has_next(); });
        if (!has_next())
            return;
        const bool is_line = !lines.empty();
        const std::string next = take_next();
        writing = true;
        locked.unlock();
        const bool written = write_all(descriptor, next);
        locked.lock();
        writing = false;
        if (!written && is_line)
            lost.fetch_add(1, std::memory_order_relaxed);
        if (!has_next())
            changed.notify_all();
    }
}

std::string log_writer::state::take_next() {
    std::string next;
    if (!lines.empty()) {
        next = std::move(lines.front());
        lines.pop_front();
        queued -= next.size();
        if (dropped != 0)
            next.insert(0, line_format::dropped(std::exchange(dropped, 0)));
    }
    if (!shown_below.empty())
        next.insert(0, erase_line);
    shown_below = below;
    return next + std::string{cut_between_characters(below, columns_of(descriptor))};
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
    here.start_writing(state_);
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

void log_writer::show_below(std::string line) noexcept try {
    state& here = *state_;
    if (::isatty(here.descriptor) != 1)
        return;
    const std::lock_guard locked{here.mutex};
    here.start_writing(state_);
    here.below = std::move(line);
    here.changed.notify_all();
} catch (...) { // no thread: nor will there be lines
}

bool log_writer::flush(std::chrono::milliseconds limit) noexcept {
    state& here = *state_;
    std::unique_lock locked{here.mutex};
    return here.changed.wait_for(locked, limit, [&here] { return !here.has_next() && !here.writing; });
}

std::uint64_t log_writer::lost() const noexcept {
    return state_->lost.load(std::memory_order_relaxed);
}

} // namespace fairlead
