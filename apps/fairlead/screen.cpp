#include "screen.hpp"

#include "base/system_error.hpp"

#include <cstdio>
#include <stdexcept>
#include <unistd.h>

namespace fairlead::command {

namespace {

constexpr const char* erase_line = "\r\x1b[K";

} // namespace

screen::screen(layout how) : layout_{how}, interactive_{::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1} {}

void screen::greet(const std::string& whom) {
    if (interactive_)
        write("connected to " + whom + "; exit, quit or Ctrl-D ends\n");
    prompt_person();
}

void screen::prompt_person() {
    if (!interactive_)
        return;
    prompt();
    flush();
}

void screen::begin_line() {
    if (line_open_)
        end_line();
}

void screen::show(bytes_view reply) {
    if (interactive_)
        write(erase_line);
    write(reply);
    line_open_ = reply.empty() ? line_open_ : reply[reply.size() - 1] != '\n';
    if (layout_ == layout::lines || (interactive_ && line_open_))
        end_line();
    if (interactive_)
        prompt();
}

void screen::prompt() {
    write("> ");
}

void screen::flush() {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw std::runtime_error{"cannot write to standard output: " + last_system_error().message()};
}

void screen::write(bytes_view bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
}

void screen::end_line() {
    write("\n");
    line_open_ = false;
}

} // namespace fairlead::command
