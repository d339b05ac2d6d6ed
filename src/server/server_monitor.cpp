#include "server/server_monitor.hpp"

#include "core/time_after.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "server/graceful_shutdown.hpp"
#include "server/report.hpp"

#include <boost/asio/post.hpp>

#include <cstdlib>
#include <utility>

namespace fairlead {

namespace {

// The time after its deadline that a stop may take before the process is ended.
constexpr std::chrono::milliseconds exit_patience{800};

} // namespace

server_monitor::server_monitor(std::vector<shard_core*> shards, const shard_services& services, scope covered,
                               actions given)
    : shards_{std::move(shards)}, services_{services}, scope_{covered}, actions_{std::move(given)},
      signals_{actions_.reload ? hangup::reloads : hangup::stops}, watchdog_{shards_, duties()} {}

watchdog::duties server_monitor::duties() {
    watchdog::duties given;
    given.blocked = [this](std::size_t shard) { report_blocked(shard); };
    given.alive = actions_.alive;
    given.alive_every = actions_.alive_every;
    given.looked = [this](auto now) { return report_if_due(now); };
    if (scope_ == scope::signals) {
        given.on_signal = [this](int number) { on_signal(number); };
        given.give_up = [this] { give_up(); };
    }
    return given;
}

void server_monitor::expect_end(std::chrono::milliseconds drain_limit) {
    const auto drained = time_after(std::chrono::steady_clock::now(), drain_limit);
    watchdog_.expect_end(time_after(drained, graceful_shutdown::grace + exit_patience));
}

void server_monitor::on_signal(int number) {
    switch (signals_.respond_to(number)) {
    case signal_response::report:
        reports_.ask();
        report_if_due(std::chrono::steady_clock::now());
        return;
    case signal_response::reload: return actions_.reload();
    case signal_response::stop: return actions_.stop();
    case signal_response::cut_off: expect_end(std::chrono::milliseconds{0}); return actions_.cut_off();
    case signal_response::nothing: return;
    }
}

// Returns true if a report is still to come.
bool server_monitor::report_if_due(std::chrono::steady_clock::time_point now) {
    if (reports_.begins(now))
        report();
    return reports_.asked();
}

void server_monitor::report() {
    log_statistics(actions_.statistics(), serves_datagrams(services_));
    for (const auto& each : services_)
        boost::asio::post(each->sessions.shard().executor(),
                          [group = each->sessions.keep_alive()] { group->report(); });
}

void server_monitor::report_blocked(std::size_t shard) {
    const auto log_blocked = [&](const std::string& why) {
        log_warning(log_topic::shard_blocked, describe_blocked(shard, services_[shard]->sessions.left(), why));
    };
    const std::uint64_t running = shards_[shard]->running();
    if (running == shard_loop::library)
        return log_blocked(describe_library_work());
    auto keeper = name_of(shard, running);
    if (running != 0 && !keeper) {
        if (scope_ == scope::shards)
            return; // it is a session of another server, or of a client
        keeper = "session " + std::to_string(running);
    }
    log_blocked(describe_keeper(keeper));
}

std::chrono::nanoseconds server_monitor::blocked_for(std::size_t shard) const {
    if (!watchdog_.shards_run())
        return {};
    const auto overdue = shards_[shard]->overdue(std::chrono::steady_clock::now());
    return overdue > watchdog::tolerated ? overdue : std::chrono::nanoseconds{0};
}

std::string server_monitor::blocked_by(std::size_t shard) const {
    const std::uint64_t running = shards_[shard]->running();
    if (running == shard_loop::library)
        return {};
    const std::string unnamed = running == 0 ? "" : "session " + std::to_string(running);
    return name_of(shard, running).value_or(unnamed);
}

std::optional<std::string> server_monitor::name_of(std::size_t shard, std::uint64_t running) const {
    if (auto socket = services_[shard]->datagrams.name_of(running))
        return socket;
    return services_[shard]->sessions.name_of(running);
}

void server_monitor::give_up() {
    log_exceptions([this] {
        const auto now = std::chrono::steady_clock::now();
        std::size_t left = 0;
        bool blocked = false;
        for (std::size_t i = 0; i < services_.size(); ++i) {
            left += services_[i]->sessions.left();
            if (watchdog_.shards_run() && shards_[i]->overdue(now) > graceful_shutdown::grace) {
                blocked = true;
                report_blocked(i);
            }
        }
        log_suppressed();
        log_info("stopped: " + std::to_string(left) + " sessions cut off; ending the process, for " +
                 (blocked ? "a handler blocks its thread" : "blocking work, such as that of a disk, does not end"));
        flush_log();
    });
    std::_Exit(3);
}

} // namespace fairlead
