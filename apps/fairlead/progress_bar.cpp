#include "progress_bar.hpp"

#include <fairlead/utf8.hpp>

#include <cstddef>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace fairlead::command {

namespace {

constexpr std::chrono::milliseconds pause{100};

// One column less than there are, for a full line may begin another.
std::size_t terminal_width() {
    ::winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
        return 79;
    return size.ws_col - 1u;
}

} // namespace

progress_bar::progress_bar() : terminal_{::isatty(STDERR_FILENO) == 1} {}

void progress_bar::show(const send_progress& progress) {
    const auto now = clock::now();
    if (!terminal_ || !progress.file || now - drawn_ < pause)
        return;
    drawn_ = now;
    rate_.note(now, progress.bytes_sent);
    draw(progress_line(progress, rate_.per_second(), terminal_width()));
}

void progress_bar::show(const std::string& notice) {
    if (terminal_)
        draw(std::string{cut_between_characters(notice, terminal_width())});
}

void progress_bar::draw(std::string line) {
    line = "\r" + std::move(line) + "\x1b[K";
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
    shown_ = true;
}

void progress_bar::erase() {
    if (!std::exchange(shown_, false))
        return;
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
}

} // namespace fairlead::command
