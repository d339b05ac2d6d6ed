#include "parts.hpp"

#include <boost/asio/co_spawn.hpp>

#include <utility>

namespace fairlead::command {

void parts::spawn(boost::asio::awaitable<void> part) {
    ++running_;
    boost::asio::co_spawn(runtime_[0].get_executor(), std::move(part), [this](std::exception_ptr thrown) {
        if (thrown && !failure_) {
            failure_ = thrown;
            stop_();
        }
        if (--running_ == 0)
            runtime_.stop();
    });
}

void parts::run(std::function<void()> stop) {
    stop_ = std::move(stop);
    runtime_.run();
    if (failure_)
        std::rethrow_exception(failure_);
}

} // namespace fairlead::command
