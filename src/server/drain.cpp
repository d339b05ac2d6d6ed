#include "server/drain.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace fairlead {

namespace {

// Far away, and yet an entry in the timer queue, so that moving the timer takes no memory.
constexpr std::chrono::hours never{24 * 365 * 10};

} // namespace

drain::drain(services& on_shards, std::function<void()> on_over) : services_{on_shards}, on_over_{std::move(on_over)} {}

void drain::prepare() {
    timer_.emplace(first().executor(), never);
    await_deadline();
}

void drain::begin(std::chrono::milliseconds limit) {
    begun_ = true;
    timer_->expires_after(limit);
    for (std::size_t i = 0; i < services_.size(); ++i)
        post(i, services_[i]->stop, [this, i] { stop(i); });
}

// Datagrams that wait in the system may begin conversations, and none begins once the sessions are told to stop.
void drain::stop(std::size_t index) {
    services_[index]->datagrams.stop([this, index] {
        services_[index]->sessions.stop([this, index] {
            boost::asio::post(first().executor(), services_[index]->stopped.bind([this] { stopped(); }));
        });
    });
}

void drain::stopped() {
    if (++stopped_ == services_.size())
        end();
}

void drain::cut_off(const char* why) {
    if (std::exchange(cutting_off_, true))
        return;
    for (std::size_t i = 0; i < services_.size(); ++i)
        post(i, services_[i]->cut_off, [this, i, why] {
            datagrams_ += services_[i]->datagrams.cut_off();
            sessions_ += services_[i]->sessions.cut_off(why);
        });
    timer_->expires_after(grace);
}

void drain::end() {
    over_ = true;
    timer_->cancel();
    on_over_();
}

// The timer is always waited for, so that moving it takes no memory.
void drain::await_deadline() {
    timer_->async_wait(timer_memory_.bind([this](const error_code& moved) {
        if (over_)
            return;
        if (!moved && cutting_off_)
            return end();
        if (!moved)
            cut_off("the server stopped, and it had not finished in time");
        await_deadline();
    }));
}

template <class Action>
void drain::post(std::size_t index, handler_memory& memory, Action action) {
    boost::asio::post(services_[index]->sessions.home().executor(), memory.bind(std::move(action)));
}

} // namespace fairlead
