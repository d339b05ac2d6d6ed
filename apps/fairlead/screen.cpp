#include "screen.hpp"

#include "output.hpp"

#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace fairlead::command {

namespace {

constexpr const char* erase_line = "\r\x1b[K";

} // namespace

screen::screen(layout how, line_editor* editor)
    : layout_{how}, editor_{editor}, terminal_{::isatty(STDOUT_FILENO) == 1}, interactive_{terminal_ &&
                                                                                           ::isatty(STDIN_FILENO) ==
                                                                                               1} {}

void screen::greet(const std::string& peer) {
    if (interactive_)
        write("connected to " + peer + "; exit, quit or Ctrl-D ends\n");
    prompt_person();
    if (editor_)
        editor_->start();
}

void screen::prompt_person() {
    if (!interactive_)
        return;
    prompt();
    flush();
}

void screen::begin_line() {
    show_verbatim(text_.end());
    if (line_open_)
        end_line();
}

void screen::show(bytes_view reply, const std::string& note) {
    erase_prompt();
    if (!note.empty())
        write(note + "  ");
    if (layout_ == layout::verbatim) {
        show_verbatim(terminal_ ? bytes_view{text_.next(reply)} : reply);
    } else {
        write(layout_ == layout::hex ? hexadecimal(reply) : printable(reply));
        line_open_ = true;
    }
    if (line_open_ && (interactive_ || layout_ != layout::verbatim))
        end_line();
    if (interactive_)
        prompt();
}

void screen::show_verbatim(bytes_view bytes) {
    write(bytes);
    if (!bytes.empty())
        line_open_ = bytes[bytes.size() - 1] != '\n';
}

void screen::warn(const std::string& text) {
    if (editor_) {
        editor_->hide();
        flush_output();
    }
    std::cerr << "fairlead: " << text << '\n';
}

void screen::prompt() {
    if (!editor_)
        write("> ");
}

void screen::erase_prompt() {
    if (interactive_ && !editor_)
        write(erase_line);
}

void screen::flush() {
    if (editor_)
        editor_->draw();
    flush_output();
}

void screen::leave() {
    begin_line();
    erase_prompt();
    if (editor_)
        editor_->close();
    flush();
}

void screen::write(bytes_view bytes) {
    if (editor_ && !bytes.empty())
        editor_->hide();
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
}

void screen::end_line() {
    write("\n");
    line_open_ = false;
}

} // namespace fairlead::command
