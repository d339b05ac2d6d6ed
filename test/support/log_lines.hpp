#pragma once

#include <fairlead/logging.hpp>

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace fairlead::test {

/// Takes the lines of the library's log while it lives, 256 at most.
///
/// Thread safety: lines come from any thread.
class log_lines {
public:
    log_lines() { set_logger(std::make_shared<spdlog::logger>("test", lines_)); }
    log_lines(const log_lines&) = delete;
    log_lines& operator=(const log_lines&) = delete;
    ~log_lines() { set_logger(nullptr); }

    /// The lines so far that have `part` in them.
    std::size_t count(std::string_view part) const {
        std::size_t found = 0;
        for (const std::string& each : lines_->last_formatted())
            found += each.find(part) != std::string::npos ? 1 : 0;
        return found;
    }

    /// Waits for a line that has `part` in it: it comes a little before or after the event is counted.
    bool soon(std::string_view part, std::size_t times = 1) const {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (count(part) < times && std::chrono::steady_clock::now() < give_up)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        return count(part) == times;
    }

    /// All lines, for messages of a failed test.
    std::string text() const {
        std::string all;
        for (const std::string& each : lines_->last_formatted())
            all += each;
        return all;
    }

private:
    const std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_ =
        std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(256);
};

} // namespace fairlead::test
