#pragma once

#include <fairlead/bytes.hpp>

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

    /// Whether stdin and stdout are both a terminal.
    bool interactive() const noexcept { return interactive_; }

    void begin_line(); ///< called when a line of input is sent
    void show(bytes_view reply);
    void prompt();

    /// Errors: throws std::runtime_error when what was shown could not be written.
    void flush();

private:
    void write(bytes_view bytes);
    void end_line();

    layout layout_;
    bool interactive_;
    bool line_open_ = false;
};

} // namespace fairlead::command
