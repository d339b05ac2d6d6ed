#pragma once

#include <string>
#include <unistd.h>

namespace demo {

/// Colours text if stdout is a terminal.
class style {
public:
    std::string heading(const std::string& text) const { return paint("1", text); }
    std::string bad(const std::string& text) const { return paint("31", text); }
    std::string good(const std::string& text) const { return paint("32", text); }

private:
    std::string paint(const char* code, const std::string& text) const {
        return coloured_ ? std::string{"\x1b["} + code + "m" + text + "\x1b[0m" : text;
    }

    bool coloured_ = ::isatty(STDOUT_FILENO) == 1;
};

} // namespace demo
