#include "server/server_core.hpp"

#include "core/machine.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "metrics/metrics_registry.hpp"
#include "metrics/statistics_metrics.hpp"
#include "runtime/blocking_pool.hpp"
#include "server/descriptor_limit.hpp"
#include "server/report.hpp"
#include "server/server_histograms.hpp"
#include "server/server_statistics.hpp"
#include "server/succession.hpp"

#include <boost/asio/post.hpp>

#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

server_monitor::scope scope_for(const server_host& host, const server_options& options) {
    using enum server_monitor::scope;
    return !host.own ? shards : options.handle_signals ? signals : own;
}

constexpr std::size_t usual_buffer_budget = 256 * 1024 * 1024;

// The socket buffers of the system, the sessions and the program need memory too.
std::size_t default_buffer_budget(std::uint64_t memory) {
    if (memory / 4 >= usual_buffer_budget)
        return usual_buffer_budget;
    log_info("the buffers of all sessions may hold " + std::to_string(memory / 4) +
             " bytes, a quarter of the memory that "
             "this process may use");
    return static_cast<std::size_t>(memory / 4);
}

// sd_watchdog_enabled(3) advises half of the time.
std::chrono::microseconds alive_interval(const service_notifier* notifier) noexcept {
    return notifier ? service_notifier::watchdog_timeout() / 2 : std::chrono::microseconds{0};
}

} // namespace

std::shared_ptr<server_core> server_core::make(server_options options, server_host host) {
    const std::shared_ptr<server_core> made{new server_core{std::move(options), std::move(host)}};
    for (const auto& each : made->services_)
        each->sessions.owned_by(made);
    return made;
}

server_core::server_core(server_options options, server_host host)
    : options_{std::move(options)}, notifier_{options_.notify_service_manager ? service_notifier::from_environment()
                                                                              : nullptr},
      admission_{[this] { resume_accepting(); }},
      placement_{services_, admission_, options_.on_refused}, joint_{std::make_shared<joint_sockets>()},
      inherited_{joint_}, notice_{options_.drain_notice, [this] { begin_stop(); }}, shutdown_{services_,
                                                                                              [this] { on_over(); }},
      host_{std::move(host)}, monitor_{host_.shards,
                                       services_,
                                       scope_for(host_, options_),
                                       {.stop = [this] { stop_on_signal(); },
                                        .cut_off = [this] { cut_off(); },
                                        .statistics = [this] { return statistics(); },
                                        .reload = action_on_hangup(),
                                        .alive = [this] { tell_alive(); },
                                        .alive_every = alive_interval(notifier_.get())}} {
    for (shard_core* const each : host_.shards)
        services_.push_back(std::make_unique<shard_service>(*each));
    const std::size_t budget =
        options_.buffer_budget ? *options_.buffer_budget : default_buffer_budget(usable_memory());
    if (budget != 0)
        budget_ = std::make_shared<buffer_budget>(budget);
    admission_.set_most(sessions_descriptors_allow()); // now that the server's own are open
}

server_core::~server_core() = default;

statistics server_core::statistics() const {
    auto found = collect_statistics(services_, monitor_, listeners_, placement_);
    found.buffer_budget = budget_ ? budget_->most() : 0;
    return found;
}

std::string server_core::metrics_text(metrics_format format) const {
    metrics_writer out{format};
    write_statistics(out, statistics());
    write_histograms(out, histograms());
    metrics_registry::of(metrics_).write(out);
    return out.finish();
}

std::vector<histogram_snapshot> server_core::histograms() const {
    return collect_histograms(services_);
}

// --- starting

int server_core::run() {
    if (!host_.own)
        throw std::logic_error{"the program runs this server's shards; call start() instead of run()"};
    {
        const std::lock_guard lock{life_mutex_};
        if (std::exchange(started_, true))
            throw std::logic_error{"server::run may be called once"};
        enter(server_phase::serving);
    }
    for (std::size_t i = 0; i < services_.size(); ++i)
        start_on(i);
    if (options_.on_listening || notifier_ || succession_)
        boost::asio::post(first().executor(), [self = shared_from_this()] {
            self->announce();
            self->on_serving();
        });
    monitor_.start();
    host_.own->run();
    monitor_.shards_ended();
    end_admin();
    // Waits for blocking work while the deadline of the stop still applies: a disk may hang for a long time.
    host_.shards.front()->blocking_threads().stop();
    const drain_result ended = result();
    if (succession_)
        succession_->stop();
    end_handlers();
    monitor_.stop();
    log_exceptions([&] {
        log_suppressed();
        log_info(describe_end(ended));
        log_datagram_statistics(statistics(), serves_datagrams(services_));
    });
    if (succession_end_ == succession_end::failed)
        return 1;
    return ended.cut_off == 0 && ended.datagrams_dropped == 0 && ended.tasks_cut_off == 0 ? 0 : 3;
}

void server_core::start() {
    if (host_.own)
        throw std::logic_error{"this server has a runtime of its own; call run() instead of start()"};
    const std::lock_guard lock{life_mutex_};
    if (stop_asked_)
        throw std::logic_error{"a server that was stopped cannot be started; make another one"};
    if (started_)
        throw std::logic_error{"server::start may be called once"};
    monitor_.start();
    started_ = true;
    enter(server_phase::serving);
    for (std::size_t i = 0; i < services_.size(); ++i)
        boost::asio::post(host_.shards[i]->executor(), [self = shared_from_this(), i] { self->start_or_stop(i); });
}

void server_core::start_or_stop(std::size_t shard) noexcept {
    bool started = false;
    log_exceptions([&] {
        start_on(shard);
        started = true;
        if (shard == 0)
            announce();
        note_started();
    });
    if (!started)
        log_exceptions([this] { stop(); });
}

// Where servers share a runtime, the budget of the first one that starts limits the buffers of all.
void server_core::start_on(std::size_t shard) {
    block_pool& blocks = host_.shards[shard]->blocks();
    if (budget_ && !blocks.budget())
        blocks.use(budget_);
    if (shard == 0) {
        notice_.prepare(first());
        shutdown_.prepare();
    }
    if (options_.on_start)
        services_[shard]->task.start(shared_from_this(), options_.on_start);
    listeners_.start(shard);
}

void server_core::announce() {
    if (options_.on_listening)
        listeners_.announce(options_.on_listening);
}

void server_core::note_started() {
    if (++shards_started_ == services_.size())
        boost::asio::post(first().executor(), [self = shared_from_this()] { self->on_serving(); });
}

void server_core::on_serving() {
    if (shutdown_.begun())
        return;
    if (!succession_ || !succession_->took_over())
        notify_ready();
    if (succession_)
        succession_->start();
}

void server_core::tell_alive() const {
    if (succession_end_ != succession_end::handed_over)
        notifier_->send("WATCHDOG=1");
}

void server_core::resume_accepting() {
    if (auto self = weak_from_this().lock())
        boost::asio::post(first().executor(), [self = std::move(self)] { self->listeners_.resume(); });
}

// Only forward, because a stop may come before the start.
void server_core::enter(server_phase next) noexcept {
    server_phase before = phase_;
    while (before < next && !phase_.compare_exchange_weak(before, next)) {}
}

bool server_core::is_started() {
    const std::lock_guard lock{life_mutex_};
    return started_;
}

} // namespace fairlead
