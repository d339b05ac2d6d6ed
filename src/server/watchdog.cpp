#include "server/watchdog.hpp"

#include "core/start_thread.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <utility>

namespace fairlead {

namespace {

constexpr std::chrono::milliseconds between_looks{40};
constexpr std::chrono::seconds between_summaries{1};

constexpr int handled_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

bool is_ignored(int signal) noexcept {
    struct ::sigaction current {};
    return ::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

// A parent may have blocked them (sigprocmask(2) is inherited), and then they would have no effect.
void unblock_signals() noexcept {
    ::sigset_t handled;
    ::sigemptyset(&handled);
    for (const int each : handled_signals)
        ::sigaddset(&handled, each);
    ::pthread_sigmask(SIG_UNBLOCK, &handled, nullptr);
}

} // namespace

/// Wakes the watchdog from the threads of the shards, which may call it after the watchdog was destroyed.
class watchdog::waker final : public clock_watcher {
public:
    explicit waker(watchdog& of) noexcept : watchdog_{&of} {}

    /// Returns true if nothing has to be checked until `on_clock_start` wakes the watchdog.
    template <class Condition>
    bool may_sleep(Condition must_look) noexcept {
        asleep_ = true;
        std::atomic_thread_fence(std::memory_order_seq_cst);
        return !must_look() || !asleep_.exchange(false);
    }

    void on_clock_start() noexcept override {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (!asleep_.exchange(false))
            return;
        const std::lock_guard lock{mutex_};
        if (watchdog_)
            log_exceptions([this] { boost::asio::post(watchdog_->context_, [at = watchdog_] { at->wake(); }); });
    }

    void forget() noexcept {
        const std::lock_guard lock{mutex_};
        watchdog_ = nullptr;
    }

private:
    std::mutex mutex_;
    watchdog* watchdog_; // null once it has stopped
    std::atomic<bool> asleep_{false};
};

watchdog::watchdog(std::vector<shard_core*> watched, duties given)
    : shards_{std::move(watched)}, duties_{std::move(given)}, waker_{std::make_shared<waker>(*this)} {
    for (std::size_t i = 0; i < shards_.size(); ++i)
        seen_.push_back(std::make_unique<observation>());
}

watchdog::~watchdog() {
    stop();
}

void watchdog::start() {
    if (duties_.on_signal) {
        for (const int each : handled_signals) {
            if (!is_ignored(each)) // nohup(1) ignores SIGHUP, and a shell SIGINT for background jobs
                signals_.add(each);
        }
        ::signal(SIGPIPE, SIG_IGN); // a reader of our output that ends must not end this process
        ::signal(SIGXFSZ, SIG_IGN); // nor a file that would grow beyond RLIMIT_FSIZE: its write fails with EFBIG
        await_signal();
    }
    for (shard_core* const each : shards_)
        each->add_clock_watcher(waker_);
    if (duties_.alive_every.count() > 0)
        tell_alive_after(duties_.alive_every);
    wake();
    thread_ = start_thread("to supervise the others", [this] {
        if (duties_.on_signal)
            unblock_signals();
        while (!context_.stopped())
            log_exceptions([this] { context_.run(); });
    });
}

void watchdog::stop() noexcept {
    waker_->forget();
    context_.stop();
    if (thread_.joinable())
        thread_.join();
}

void watchdog::expect_end(std::chrono::steady_clock::time_point due) {
    if (!duties_.give_up)
        return;
    boost::asio::post(context_, [this, due] {
        if (due >= end_at_)
            return;
        end_at_ = due;
        end_.expires_at(due);
        end_.async_wait([this](const auto& cancelled) {
            if (!cancelled)
                duties_.give_up();
        });
    });
}

void watchdog::await_signal() {
    signals_.async_wait([this](const auto& cancelled, int number) {
        if (cancelled)
            return;
        await_signal();
        duties_.on_signal(number);
        waker_->on_clock_start(); // a report may be due later
    });
}

void watchdog::watch() {
    interval_.expires_after(between_looks);
    interval_.async_wait([this](const auto& cancelled) {
        if (cancelled)
            return;
        const bool again = look(std::chrono::steady_clock::now());
        if (again || !waker_->may_sleep([this] { return must_look(); }))
            watch();
    });
}

void watchdog::tell_alive_after(std::chrono::microseconds pause) {
    alive_.expires_after(pause);
    alive_.async_wait([this](const auto& cancelled) {
        if (cancelled)
            return;
        const bool well = all_come_back(std::chrono::steady_clock::now());
        tell_alive_after(well ? duties_.alive_every : between_looks);
        if (well)
            duties_.alive();
    });
}

bool watchdog::all_come_back(std::chrono::steady_clock::time_point now) const noexcept {
    return !shards_run_ || std::none_of(shards_.begin(), shards_.end(),
                                        [now](const shard_core* each) { return each->overdue(now) > tolerated; });
}

void watchdog::wake() {
    last_look_ = std::chrono::steady_clock::now();
    watch();
}

bool watchdog::must_look() const noexcept {
    return shards_run_ &&
           std::any_of(shards_.begin(), shards_.end(), [](const shard_core* each) { return each->clock_runs(); });
}

// If this thread was late too, the machine or a SIGSTOP has held up the process, and no handler is to blame.
bool watchdog::look(std::chrono::steady_clock::time_point now) {
    const bool held_up = now - std::exchange(last_look_, now) > between_looks + tolerated / 2;
    for (std::size_t i = 0; i < seen_.size() && !held_up && shards_run_; ++i) {
        const bool late = shards_[i]->overdue(now) > tolerated;
        if (!std::exchange(seen_[i]->late, late) && late) {
            seen_[i]->times.add();
            duties_.blocked(i);
        }
    }
    const bool again = duties_.looked && duties_.looked(now);
    if (now - last_summary_ > between_summaries || !must_look()) {
        last_summary_ = now;
        log_suppressed();
    }
    return again || must_look();
}

} // namespace fairlead
