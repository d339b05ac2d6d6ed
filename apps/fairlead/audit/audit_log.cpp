#include "audit/audit_log.hpp"

#include "audit/audit_queue.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/logging.hpp>

#include <spdlog/logger.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace fairlead::command {

namespace {

constexpr std::chrono::seconds patience_at_end{10};

// Uses O_NONBLOCK, because opening a FIFO without a reader would wait for one.
int open_to_append(const std::string& path) {
    const int opened = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (opened < 0)
        throw std::system_error{errno, std::generic_category(),
                                "cannot open the audit log " + escape(path) +
                                    "; name a file that can be written to, in a directory that is there"};
    return opened;
}

struct progress {
    std::size_t written = 0;
    int error = 0;
};

progress write_all(int descriptor, const std::string& text) noexcept {
    progress made;
    while (made.written != text.size()) {
        const ::ssize_t wrote = ::write(descriptor, text.data() + made.written, text.size() - made.written);
        if (wrote >= 0) {
            made.written += static_cast<std::size_t>(wrote);
        } else if (errno == EAGAIN) {
            ::pollfd writable{descriptor, POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            made.error = errno;
            break;
        }
    }
    return made;
}

template <class Work>
void start_without_signals(Work work) {
    ::sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread{std::move(work)}.detach();
    } catch (...) {
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

} // namespace

struct audit_log::state {
    enum class phase { opened, writing, ending, ended };

    state(std::string file, std::size_t most_queued)
        : path{std::move(file)}, descriptor{open_to_append(path)}, queue{most_queued} {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() { ::close(descriptor); }

    void write_queued();
    void report(int error);

    const std::string path;
    const int descriptor;
    std::mutex mutex;
    std::condition_variable changed;
    audit_queue queue;
    phase now = phase::opened;
    bool failing = false; // the thread's own
};

void audit_log::state::write_queued() {
    std::unique_lock locked{mutex};
    for (bool last = false; !last;) {
        changed.wait(locked, [this] { return now == phase::ending || queue.has_lines(); });
        last = now == phase::ending;
        const audit_batch batch = queue.take(std::chrono::system_clock::now());
        locked.unlock();
        const progress made = write_all(descriptor, batch.text());
        report(made.error);
        locked.lock();
        queue.put_back(batch.after(made.written));
    }
    now = phase::ended;
    changed.notify_all();
}

void audit_log::state::report(int error) {
    const bool before = std::exchange(failing, error != 0);
    if (failing && !before)
        logger()->error("the audit log {} cannot be written: {}; entries are lost until it can", escape(path),
                        std::generic_category().message(error));
    if (before && !failing)
        logger()->warn("the audit log {} can be written again; an entry in it says how many are lost", escape(path));
}

audit_log::audit_log(const std::string& path, std::size_t most_queued)
    : state_{std::make_shared<state>(path, most_queued)} {}

void audit_log::start() {
    start_without_signals([shared = state_] { shared->write_queued(); });
    const std::lock_guard locked{state_->mutex};
    if (state_->now == state::phase::opened)
        state_->now = state::phase::writing;
    state_->changed.notify_all();
}

void audit_log::write(std::string line) noexcept {
    state& here = *state_;
    const std::lock_guard locked{here.mutex};
    if (here.now == state::phase::ending || here.now == state::phase::ended)
        return;
    try {
        here.queue.push(std::move(line), std::chrono::system_clock::now());
    } catch (const std::exception&) { // no memory
        here.queue.lose_one();
    }
    here.changed.notify_all();
}

void audit_log::finish() noexcept {
    state& here = *state_;
    std::unique_lock locked{here.mutex};
    if (here.now == state::phase::opened)
        here.now = state::phase::ended;
    if (here.now == state::phase::writing)
        here.now = state::phase::ending;
    here.changed.notify_all();
    if (!here.changed.wait_for(locked, patience_at_end, [&here] { return here.now == state::phase::ended; }))
        logger()->error("the audit log {} took too long to write; its last entries may be lost", escape(here.path));
}

} // namespace fairlead::command
