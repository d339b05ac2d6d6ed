#include "base/log.hpp"

#include <fairlead/logging.hpp>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <utility>

namespace fairlead {

namespace {

struct current_logger {
    std::mutex mutex;
    std::shared_ptr<spdlog::logger> logger;
};

current_logger& current() {
    static current_logger instance;
    return instance;
}

std::shared_ptr<spdlog::logger> make_default() {
    auto made = std::make_shared<spdlog::logger>("fairlead", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
    return made;
}

} // namespace

std::shared_ptr<spdlog::logger> logger() {
    auto& [mutex, logger] = current();
    const std::lock_guard lock{mutex};
    if (!logger)
        logger = make_default();
    return logger;
}

void set_logger(std::shared_ptr<spdlog::logger> replacement) {
    auto& [mutex, logger] = current();
    const std::lock_guard lock{mutex};
    logger = std::move(replacement);
}

void log_info(const std::string& line) {
    logger()->info(line);
}

void log_warning(const std::string& line) {
    logger()->warn(line);
}

void log_error(const std::string& line) {
    logger()->error(line);
}

} // namespace fairlead
