#include "server/graceful_shutdown.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace fairlead {

graceful_shutdown::graceful_shutdown(services& on_shards, std::function<void()> on_over)
    : services_{on_shards}, on_over_{std::move(on_over)} {}

void graceful_shutdown::prepare() {
    timer_.emplace(first(), [this] { deadline_passed(); });
}

void graceful_shutdown::begin(std::chrono::milliseconds limit) {
    begun_ = true;
    timer_->set(limit);
    for (std::size_t i = 0; i < services_.size(); ++i)
        post(i, services_[i]->stop, [this, i] { stop(i); });
}

// Datagrams that wait in the system may begin conversations, and none begins once the sessions are told to stop.
void graceful_shutdown::stop(std::size_t index) {
    services_[index]->datagrams.stop([this, index] {
        services_[index]->sessions.stop([this, index] {
            boost::asio::post(first().executor(), services_[index]->stopped.bind([this] { stopped(); }));
        });
    });
}

void graceful_shutdown::stopped() {
    if (++stopped_ == services_.size())
        end();
}

void graceful_shutdown::cut_off(const char* why) {
    if (std::exchange(cutting_off_, true))
        return;
    for (std::size_t i = 0; i < services_.size(); ++i)
        post(i, services_[i]->cut_off, [this, i, why] {
            datagrams_ += services_[i]->datagrams.cut_off();
            sessions_ += services_[i]->sessions.cut_off(why);
        });
    timer_->set(grace);
}

void graceful_shutdown::end() {
    timer_->cancel();
    on_over_();
}

void graceful_shutdown::deadline_passed() {
    if (cutting_off_)
        end();
    else
        cut_off("the server stopped, and it had not finished in time");
}

template <class Action>
void graceful_shutdown::post(std::size_t index, handler_memory& memory, Action action) {
    boost::asio::post(services_[index]->sessions.home().executor(), memory.bind(std::move(action)));
}

} // namespace fairlead
