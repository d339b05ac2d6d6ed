#pragma once

#include "log/log_writer.hpp"

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unistd.h>

namespace fairlead {

/// Writes lines to stderr without waiting for its reader; see `log_writer`.
class stderr_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    /// Waits until everything is written, for `limit` at most.
    void wait_until_written(std::chrono::milliseconds limit) noexcept { writer_.flush(limit); }

    std::uint64_t lost() const noexcept { return writer_.lost(); }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        writer_.write(std::string_view{line.data(), line.size()});
    }

    void flush_() override {} // would hold up others that log

private:
    log_writer writer_{STDERR_FILENO};
};

} // namespace fairlead
