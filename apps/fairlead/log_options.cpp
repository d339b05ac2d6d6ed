#include "log_options.hpp"

#include <fairlead/logging.hpp>

#include <spdlog/logger.h>

namespace fairlead::command {

void log_options::apply() const {
    logger()->set_level(spdlog::level::from_str(level));
    set_log_format(format == "json" ? log_format::json : log_format::text);
}

void add_log_options(CLI::App& command, log_options& options) {
    command.add_option("--log-level", options.level, "the least severe messages to log")
        ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
        ->type_name("LEVEL")
        ->capture_default_str();
    command
        .add_option("--log-format", options.format,
                    "text, or json: one object a line, with time, level, subject,\nsession, peer and message")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORMAT")
        ->capture_default_str();
}

} // namespace fairlead::command
