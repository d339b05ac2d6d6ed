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

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

server_monitor::scope scope_for(const server_host& host, const server_options& options) {
    using enum server_monitor::scope;
    return !host.own ? shards : options.handle_signals ? signals : own;
}

constexpr std::size_t usual_buffer_budget = 256 * 1024 * 1024;

// The system's own buffers of the sockets need memory too, and so do the sessions and the program.
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
    // Waited for while the deadline of the stop still holds: a disk may hang for a long time.
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

// --- stopping

void server_core::stop() {
    const std::lock_guard lock{life_mutex_};
    stop_asked_ = true;
    enter(started_ && notice_.wanted() ? server_phase::drain_announced : server_phase::draining);
    boost::asio::post(first().executor(), [self = shared_from_this()] { self->announce_stop(); });
}

// Those that send connections here learn of it, by the admin endpoint, while these are still accepted.
void server_core::announce_stop() {
    if (phase_ != server_phase::drain_announced)
        return begin_stop();
    if (!notice_.begin())
        return;
    log_exceptions([this] {
        log_info("stopping in " + std::to_string(options_.drain_notice.count()) +
                 " ms: connections are accepted until then, and /readyz says that it will stop");
    });
}

// Connections placed on another shard before this are there before the stop, for posts keep their order.
void server_core::begin_stop() {
    enter(server_phase::draining);
    notice_.end();
    if (shutdown_.begun())
        return;
    if (!is_started()) {
        listeners_.close();
        shutdown_.close();
        return on_over();
    }
    if (succession_)
        succession_->cease();
    log_exceptions([this] { monitor_.expect_end(drain_limit()); });
    listeners_.stop();
    log_exceptions([this] {
        to_finish_ = statistics().active;
        const std::string begun = "stopping: " + std::to_string(to_finish_) + " sessions to finish";
        log_info(begun);
        if (notifier_ && succession_end_ != succession_end::handed_over)
            notifier_->send("STOPPING=1\nSTATUS=" + begun);
    });
    shutdown_.begin(drain_limit());
}

limits::duration server_core::drain_limit() const noexcept {
    const limits::duration of_listeners = listeners_.drain_limit();
    return options_.on_start ? std::max(of_listeners, options_.limits.drain_timeout) : of_listeners;
}

// At once, for the first shard may be blocked.
void server_core::stop_on_signal() {
    if (is_started())
        monitor_.expect_end(options_.drain_notice + drain_limit());
    stop();
}

void server_core::cut_off() {
    boost::asio::post(first().executor(), [self = shared_from_this()] {
        self->begin_stop();
        self->shutdown_.cut_off("a second signal came");
    });
}

// Only forward, for a stop may come before the start.
void server_core::enter(server_phase next) noexcept {
    server_phase before = phase_;
    while (before < next && !phase_.compare_exchange_weak(before, next)) {}
}

bool server_core::is_started() {
    const std::lock_guard lock{life_mutex_};
    return started_;
}

void server_core::on_over() {
    if (host_.own)
        return host_.own->stop(); // and `run` reports
    conclude();
    stop_admin();
    log_exceptions([this] {
        log_info(describe_end(*result_));
        log_datagram_statistics(statistics(), serves_datagrams(services_));
    });
}

void server_core::conclude() noexcept {
    if (!result_)
        result_ = result();
    log_exceptions([this] { over_->notify_later(first().executor()); });
}

drain_result server_core::result() const {
    std::size_t cut_off = shutdown_.sessions_cut_off();
    for (const auto& each : services_) {
        if (!each->sessions.was_cut_off())
            cut_off += each->sessions.left(); // a handler that blocked its thread kept it from being told
    }
    return {.finished = to_finish_ - std::min<std::size_t>(cut_off, to_finish_),
            .cut_off = cut_off,
            .datagrams_dropped = shutdown_.datagrams_cut_off(),
            .tasks_cut_off = shutdown_.tasks_cut_off()};
}

boost::asio::awaitable<drain_result> server_core::drained() {
    if (host_.own)
        throw std::logic_error{"this server has a runtime of its own; run() returns when it is drained"};
    return wait_until_over(shared_from_this());
}

boost::asio::awaitable<drain_result> server_core::wait_until_over(std::shared_ptr<server_core> self) {
    while (!self->result_)
        co_await self->over_->wait();
    co_return *self->result_;
}

} // namespace fairlead
