#pragma once

#include <fairlead/bytes.hpp>

#include <string>

namespace fairlead::command {

/// Shows replies on stdout, and a prompt where a person types.
class screen {
public:
    /// How replies are set apart.
    enum class layout {
        lines,    ///< each on a line of its own
        verbatim, ///< as their bytes come; what answers a later line of input begins a new line
    };

    explicit screen(layout how);

    /// Tells a person who the conversation is with, and asks for the first line; nobody else.
    void greet(const std::string& whom);
    void prompt_person(); ///< called when a line of input has been sent

    void begin_line(); ///< called when a line of input is sent
    void show(bytes_view reply);

    /// Errors: throws std::runtime_error when what was shown could not be written.
    void flush();

private:
    void prompt();
    void write(bytes_view bytes);
    void end_line();

    layout layout_;
    bool interactive_; // stdin and stdout are both a terminal
    bool line_open_ = false;
};

} // namespace fairlead::command
