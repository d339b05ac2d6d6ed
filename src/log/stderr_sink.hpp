#pragma once

#include "log/line_format.hpp"
#include "log/log_context.hpp"
#include "log/log_writer.hpp"

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace fairlead {

/// Writes lines to stderr without waiting for its reader; see `log_writer`.
class stderr_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    /// Waits until everything is written, for at most `limit`.
    void wait_until_written(std::chrono::milliseconds limit) noexcept { writer_.flush(limit); }

    /// See `log_writer::show_below`.
    void show_below(std::string line) noexcept { writer_.show_below(std::move(line)); }

    std::uint64_t lost() const noexcept { return writer_.lost(); }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string prefix = line_format::prefix(priority_of(message.level));
        if (line_format::get() == log_format::json)
            return writer_.write(prefix + json_line_of(message));
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        writer_.write(prefix + std::string{line.data(), line.size()});
    }

    void flush_() override {} // would block other threads that log

private:
    static log_priority priority_of(spdlog::level::level_enum level) noexcept {
        return level >= spdlog::level::err    ? log_priority::error
               : level == spdlog::level::warn ? log_priority::warning
               : level == spdlog::level::info ? log_priority::info
                                              : log_priority::debug;
    }

    static std::string json_line_of(const spdlog::details::log_msg& message) {
        const auto level = spdlog::level::to_string_view(message.level);
        const log_context known = log_context_scope::current();
        return json_line({.time = message.time,
                          .level = {level.data(), level.size()},
                          .subject = known.subject,
                          .session = known.session,
                          .peer = known.peer,
                          .message = {message.payload.data(), message.payload.size()}});
    }

    log_writer writer_{STDERR_FILENO};
};

} // namespace fairlead
