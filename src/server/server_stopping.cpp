// Stopping a server.

#include "log/log.hpp"
#include "log/log_exceptions.hpp"
#include "server/report.hpp"
#include "server/server_core.hpp"
#include "server/succession.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

namespace fairlead {

void server_core::stop() {
    const std::lock_guard lock{life_mutex_};
    stop_asked_ = true;
    enter(started_ && notice_.wanted() ? server_phase::drain_announced : server_phase::draining);
    boost::asio::post(first().executor(), [self = shared_from_this()] { self->announce_stop(); });
}

// Load balancers learn of the stop from the admin endpoint while connections are still accepted.
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

// Posts keep their order, so connections that were placed on another shard before arrive there before the stop.
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

// Sets the deadline at once, because the first shard may be blocked.
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
            cut_off += each->sessions.left(); // a handler blocked the thread, so this group was not cut off
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
