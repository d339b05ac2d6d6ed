#include "server/graceful_shutdown.hpp"

#include "core/time_after.hpp"
#include "log/log.hpp"
#include "log/log_exceptions.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace fairlead {

graceful_shutdown::graceful_shutdown(shard_services& on_shards, std::function<void()> on_over)
    : services_{on_shards}, on_over_{std::move(on_over)} {}

void graceful_shutdown::prepare() {
    timer_.emplace(first(), [this] { deadline_passed(); });
}

void graceful_shutdown::begin(std::chrono::milliseconds limit) {
    if (phase_ != phase::idle)
        return;
    phase_ = phase::draining;
    if (timer_) // else there was no descriptor for it, and there is no deadline
        timer_->set(time_after(std::chrono::steady_clock::time_point{}, limit).time_since_epoch());
    for (std::size_t i = 0; i < services_.size(); ++i)
        post(i, services_[i]->stop, [this, i] { stop(i); });
}

// Datagrams first: those that wait in the system may begin sessions, which then stop with the others.
void graceful_shutdown::stop(std::size_t index) {
    services_[index]->datagrams.stop([this, index] {
        services_[index]->sessions.stop([this, index] {
            services_[index]->datagrams.expire_handles();
            if (connected_)
                post(0, services_[index]->stopped, [this] { stopped(); });
        });
    });
}

void graceful_shutdown::stopped() {
    if (++stopped_ == services_.size())
        end_tasks();
}

// Background tasks end last, because handlers may use them. The posts reuse the memory of the previous step.
void graceful_shutdown::end_tasks() {
    for (std::size_t i = 0; i < services_.size(); ++i)
        post(i, services_[i]->stop, [this, i] {
            services_[i]->task.stop([this, i] {
                if (connected_)
                    post(0, services_[i]->stopped, [this] { task_ended(); });
            });
        });
}

void graceful_shutdown::task_ended() {
    if (++tasks_ended_ == services_.size())
        end();
}

void graceful_shutdown::cut_off(const char* why) {
    if (phase_ != phase::draining)
        return;
    phase_ = phase::cutting_off;
    for (std::size_t i = 0; i < services_.size(); ++i)
        post(i, services_[i]->cut_off, [this, i, why] {
            datagrams_ += services_[i]->datagrams.cut_off();
            services_[i]->datagrams.expire_handles();
            sessions_ += services_[i]->sessions.cut_off(why);
            services_[i]->task.cancel();
        });
    if (timer_)
        timer_->set(grace);
}

void graceful_shutdown::end() {
    if (phase_ == phase::over)
        return;
    phase_ = phase::over;
    if (timer_)
        timer_->cancel();
    note_tasks_left();
    on_over_();
}

void graceful_shutdown::note_tasks_left() noexcept {
    for (const auto& each : services_) {
        if (!each->task.runs())
            continue;
        ++tasks_;
        log_exceptions([&] {
            log_warning(log_topic::cut_off,
                        each->task.name() + ": cut off, it was cancelled and had not ended in time");
        });
    }
}

void graceful_shutdown::close() noexcept {
    phase_ = phase::over;
    timer_.reset();
}

void graceful_shutdown::deadline_passed() {
    if (phase_ == phase::cutting_off)
        end();
    else
        cut_off("the server stopped, and it had not finished in time");
}

template <class Action>
void graceful_shutdown::post(std::size_t index, handler_memory& memory, Action action) {
    session_group& group = services_[index]->sessions;
    auto owned = [keep = group.keep_alive(), action = std::move(action)]() mutable { action(); };
    boost::asio::post(group.shard().executor(), memory.bind(std::move(owned)));
}

} // namespace fairlead
