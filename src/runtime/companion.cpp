#include "runtime/companion.hpp"

#include "core/start_thread.hpp"
#include "log/log_exceptions.hpp"

namespace fairlead {

companion::companion()
    : alive_{context_.get_executor()}, thread_{start_thread("for the timers and sockets of Asio", [this] {
          log_exceptions_until_done([this] { context_.run(); });
      })} {}

companion::~companion() {
    stop();
}

void companion::stop() noexcept {
    context_.stop();
    if (thread_.joinable())
        thread_.join();
}

} // namespace fairlead
