#pragma once

#include "core/counter.hpp"

#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <poll.h>
#include <unistd.h>

namespace fairlead {

/// Writes lines to stderr, never waiting for who reads there: a line that cannot be written at once is dropped and
/// counted, so a full disk or a stuck reader of the log does not hold up the program.
class stderr_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    const counter& lost() const noexcept { return lost_; }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        // A pipe that is writable takes PIPE_BUF bytes at once (pipe(7)), and a line is shorter.
        ::pollfd ready{STDERR_FILENO, POLLOUT, 0};
        if (::poll(&ready, 1, 0) != 1 ||
            ready.revents != POLLOUT || // POLLERR: nobody reads, and a write would raise SIGPIPE
            ::write(STDERR_FILENO, line.data(), line.size()) != static_cast<::ssize_t>(line.size()))
            lost_.add();
    }

    void flush_() override {}

private:
    counter lost_;
};

} // namespace fairlead
