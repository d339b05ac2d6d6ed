#pragma once

#include "talk/line_editor.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/printable.hpp>

#include <string>

namespace fairlead::command {

/// Shows replies on stdout, and a prompt where a person types. What a reply holds is text to a terminal, never a command.
///
/// With an editor, the prompt and the line that is typed are its own; replies and warnings stand above them.
class screen {
public:
    /// How replies are set apart.
    enum class layout {
        lines,    ///< each on a line of its own, `printable`
        hex,      ///< each on a line of its own, `hexadecimal`
        verbatim, ///< as their bytes come, on a terminal by `printable_stream`; what answers a later line of input
                  ///< begins a new line
    };

    explicit screen(layout how, line_editor* editor = nullptr); ///< the editor outlives the screen

    /// Tells a person who the conversation is with, and asks for the first line; nobody else.
    void greet(const std::string& whom);
    void prompt_person(); ///< called when a line of input has been sent

    void begin_line();                                         ///< called when a line of input is sent
    void show(bytes_view reply, const std::string& note = {}); ///< behind a note, where it begins a line

    void warn(const std::string&
                  text); ///< says on stderr why the line was not sent; between `begin_line` and `prompt_person`

    /// Errors: throws std::runtime_error when what was shown could not be written.
    void flush();

    void leave(); ///< called at the end; takes the last prompt away. Errors: as `flush`.

private:
    void prompt();
    void erase_prompt();
    void show_verbatim(bytes_view bytes);
    void write(bytes_view bytes);
    void end_line();

    layout layout_;
    line_editor* editor_;
    bool terminal_;    // stdout is one …
    bool interactive_; // … and so is stdin
    printable_stream text_;
    bool line_open_ = false;
};

} // namespace fairlead::command
