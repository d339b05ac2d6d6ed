#include "log/line_format.hpp"

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

namespace fairlead {

namespace {

std::atomic<log_format> format_of_lines{log_format::text};

// Reads `8:12345`. Any other form names no file.
bool names_file(std::string_view stream, const struct ::stat& file) {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    const char* const end = stream.data() + stream.size();
    const auto first = std::from_chars(stream.data(), end, device);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':')
        return false;
    const auto second = std::from_chars(first.ptr + 1, end, inode);
    return second.ec == std::errc{} && second.ptr == end && device == file.st_dev && inode == file.st_ino;
}

} // namespace

bool is_journal(int descriptor, const char* stream) noexcept {
    struct ::stat file {};
    return stream && ::fstat(descriptor, &file) == 0 && names_file(stream, file);
}

void line_format::set(log_format format) noexcept {
    format_of_lines = format;
}

log_format line_format::get() noexcept {
    return format_of_lines;
}

std::string line_format::prefix(log_priority priority) {
    static const bool to_journal = is_journal(STDERR_FILENO, std::getenv("JOURNAL_STREAM"));
    return to_journal ? "<" + std::to_string(static_cast<int>(priority)) + ">" : "";
}

std::string line_format::dropped(std::uint64_t lines) {
    const std::string text = std::to_string(lines) + " lines were dropped here, for standard error took no more";
    if (get() == log_format::text)
        return prefix(log_priority::warning) + "(" + text + ")\n";
    return prefix(log_priority::warning) +
           json_line({.time = std::chrono::system_clock::now(), .level = "warning", .message = text});
}

} // namespace fairlead
