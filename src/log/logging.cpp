#include "log/line_format.hpp"
#include "log/log.hpp"
#include "log/log_context.hpp"
#include "log/log_limiter.hpp"
#include "log/stderr_sink.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/logging.hpp>

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <type_traits>
#include <utility>

namespace fairlead {

namespace {

constexpr std::size_t lines_per_second = 10; // of one topic
constexpr std::size_t max_line = 1024;

struct current_logger {
    std::mutex mutex;
    std::shared_ptr<stderr_sink> standard = std::make_shared<stderr_sink>();
    std::shared_ptr<spdlog::logger> logger;
};

current_logger& current() {
    static current_logger instance;
    return instance;
}

std::shared_ptr<spdlog::logger> make_default(std::shared_ptr<stderr_sink> sink) {
    auto made = std::make_shared<spdlog::logger>("fairlead", std::move(sink));
    made->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
    return made;
}

struct topic {
    const char* subject;
    const char* name;
    log_limiter limiter{lines_per_second};
};

struct topic_table {
    std::mutex mutex;
    topic topics[17] = {{"handler_failed", "a handler failed"},
                        {"framing_broken", "the framing was broken"},
                        {"connection_refused", "a connection was refused"},
                        {"connect_failed", "a connection to a target failed"},
                        {"handler_overdue", "a handler was overdue"},
                        {"shard_blocked", "a thread was blocked"},
                        {"cut_off", "a session was cut off"},
                        {"message_dropped", "a message was dropped"},
                        {"memory_short", "memory was short", log_limiter{1}},
                        {"accept_failed", "accepting failed", log_limiter{1}},
                        {"receive_failed", "receiving failed", log_limiter{1}},
                        {"tls_failed", "a TLS handshake failed"},
                        {"upgrade_failed", "a WebSocket was refused"},
                        {"exception", "an exception was caught"},
                        {"file_stored", "a file was stored"},
                        {"file_not_stored", "a file was not stored"},
                        {"message_handled", "a message was handled", log_limiter{0}}};
    std::atomic<std::uint64_t> suppressed{0};

    topic& operator[](log_topic which) { return topics[static_cast<std::size_t>(which)]; }
};

static_assert(std::extent_v<decltype(topic_table::topics)> == static_cast<std::size_t>(log_topic::count));

topic_table& topics() {
    static topic_table instance;
    return instance;
}

std::string more(std::uint64_t suppressed) {
    return " (" + std::to_string(suppressed) + " more lines of this kind suppressed)";
}

void write_line(spdlog::level::level_enum level, const std::string& line, const log_context& known) {
    const log_context_scope meanwhile{known};
    logger()->log(level, spdlog::string_view_t{line});
}

void log_limited(log_topic which, spdlog::level::level_enum level, const std::string& line, const log_origin& about) {
    std::uint64_t before = 0;
    log_context known{.session = about.session, .peer = about.peer};
    {
        auto& table = topics();
        const std::lock_guard lock{table.mutex};
        const auto admitted = table[which].limiter.admit(std::chrono::steady_clock::now());
        if (!admitted) {
            ++table.suppressed;
            return;
        }
        before = *admitted;
        known.subject = table[which].subject;
    }
    write_line(level, printable_line(line) + (before == 0 ? std::string{} : more(before)), known);
}

} // namespace

std::shared_ptr<spdlog::logger> logger() {
    auto& [mutex, standard, logger] = current();
    const std::lock_guard lock{mutex};
    if (!logger)
        logger = make_default(standard);
    return logger;
}

void set_logger(std::shared_ptr<spdlog::logger> replacement) {
    auto& [mutex, standard, logger] = current();
    const std::lock_guard lock{mutex};
    logger = std::move(replacement);
}

void set_log_level(log_level least) {
    using namespace spdlog::level;
    constexpr level_enum levels[] = {debug, info, warn, err, off};
    logger()->set_level(levels[static_cast<std::size_t>(least)]);
}

void set_status_line(std::string_view text) {
    auto& [mutex, standard, logger] = current();
    const std::lock_guard lock{mutex};
    standard->show_below(printable_line(std::string{text}));
}

void set_log_format(log_format format) {
    line_format::set(format);
}

void log_info(const std::string& line) {
    log_info(line, {});
}

void log_info(const std::string& line, const log_origin& about) {
    write_line(spdlog::level::info, printable_line(line), {.session = about.session, .peer = about.peer});
}

void log_info(log_topic which, const std::string& line, const log_origin& about) {
    log_limited(which, spdlog::level::info, line, about);
}

void log_warning(const std::string& line) {
    write_line(spdlog::level::warn, printable_line(line), {});
}

void log_warning(log_topic which, const std::string& line, const log_origin& about) {
    log_limited(which, spdlog::level::warn, line, about);
}

void log_error(log_topic which, const std::string& line, const log_origin& about) {
    log_limited(which, spdlog::level::err, line, about);
}

void log_debug(log_topic which, const std::string& line, const log_origin& about) {
    log_limited(which, spdlog::level::debug, line, about);
}

bool is_debug_logged() {
    return logger()->should_log(spdlog::level::debug);
}

void log_suppressed() {
    std::string lines;
    {
        auto& table = topics();
        const std::lock_guard lock{table.mutex};
        for (topic& each : table.topics) {
            if (const auto suppressed = each.limiter.take_suppressed(); suppressed != 0)
                lines += (lines.empty() ? "" : "; ") + std::string{each.name} + more(suppressed);
        }
    }
    if (!lines.empty())
        logger()->warn(spdlog::string_view_t{lines});
}

void flush_log() {
    logger()->flush();
    current().standard->wait_until_written(std::chrono::milliseconds{500});
}

log_losses count_log_losses() noexcept {
    return {topics().suppressed.load(), current().standard->lost()};
}

std::string printable_line(const std::string& line) {
    std::string printable;
    for (const unsigned char byte : bytes_view{line}.first(max_line)) {
        constexpr char digits[] = "0123456789ABCDEF";
        if (byte >= 0x20 && byte < 0x7F)
            printable += static_cast<char>(byte);
        else
            printable += {'\\', 'x', digits[byte >> 4], digits[byte & 0x0F]};
    }
    if (printable.size() > max_line) {
        printable.resize(max_line - 3);
        printable += "...";
    } else if (line.size() > max_line) {
        printable.replace(max_line - 3, 3, "...");
    }
    return printable;
}

} // namespace fairlead
