#pragma once

#include "core/start_thread.hpp"
#include "log/log_exceptions.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace fairlead {

/// Does some work again and again on a thread of its own, with a pause before each time, until it is destroyed.
class periodic_thread {
public:
    /// Errors: throws std::system_error when no thread can be made.
    template <class Work>
    periodic_thread(const std::string& purpose, std::chrono::steady_clock::duration pause, Work work)
        : thread_{start_thread(purpose, [this, pause, work = std::move(work)](std::stop_token stop) {
              std::unique_lock lock{mutex_};
              while (!stopped_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); }))
                  log_exceptions(work);
          })} {}

private:
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_;
};

} // namespace fairlead
