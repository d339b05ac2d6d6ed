#include "server/watchdog.hpp"

#include "core/start_thread.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/shard_core.hpp"

#include <boost/asio/post.hpp>

#include <csignal>
#include <utility>

namespace fairlead {

namespace {

// A shard ticks every 50 ms; one that is this late and is seen at the next look is noticed within 200 ms.
constexpr std::chrono::milliseconds tolerated{100};
constexpr std::chrono::milliseconds between_looks{40};
constexpr std::chrono::seconds between_summaries{1};

bool is_ignored(int signal) noexcept {
    struct ::sigaction current {};
    return ::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

} // namespace

watchdog::watchdog(std::vector<shard_core*> watched, duties given)
    : shards_{std::move(watched)}, duties_{std::move(given)} {
    for (std::size_t i = 0; i < shards_.size(); ++i)
        seen_.push_back(std::make_unique<observation>());
}

watchdog::~watchdog() {
    stop();
}

void watchdog::start() {
    if (duties_.on_signal) {
        for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
            if (!is_ignored(each)) // as nohup(1) has SIGHUP, and a shell SIGINT for what runs in the background
                signals_.add(each);
        }
        ::signal(SIGPIPE, SIG_IGN); // a reader of our output that goes must not take us with it
        ::signal(SIGXFSZ, SIG_IGN); // nor a file that would grow beyond RLIMIT_FSIZE: its write fails with EFBIG
        await_signal();
    }
    watch();
    thread_ = start_thread("to supervise the others", [this] {
        while (!context_.stopped())
            log_exceptions([this] { context_.run(); });
    });
}

void watchdog::stop() noexcept {
    context_.stop();
    if (thread_.joinable())
        thread_.join();
}

void watchdog::expect_end(std::chrono::milliseconds limit) {
    if (!duties_.give_up)
        return;
    boost::asio::post(context_, [this, due = std::chrono::steady_clock::now() + limit] {
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
    });
}

void watchdog::watch() {
    interval_.expires_after(between_looks);
    interval_.async_wait([this](const auto& cancelled) {
        if (cancelled)
            return;
        watch();
        look(std::chrono::steady_clock::now());
    });
}

void watchdog::look(std::chrono::steady_clock::time_point now) {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const bool late = shards_[i]->overdue(now) > tolerated;
        if (!std::exchange(seen_[i]->late, late) && late) {
            seen_[i]->times.add();
            duties_.blocked(i);
        }
    }
    if (now - last_summary_ > between_summaries) {
        last_summary_ = now;
        log_suppressed();
    }
}

} // namespace fairlead
