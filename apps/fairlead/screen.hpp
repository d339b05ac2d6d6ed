#pragma once

#include "talk/line_editor.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/printable.hpp>

#include <string>

namespace fairlead::command {

/// Shows replies on stdout, and a prompt if a person types. On a terminal, control characters of a reply
/// are escaped, so that they have no effect.
///
/// An editor shows the prompt and the typed line itself; replies and warnings appear above them.
class screen {
public:
    /// The form of the replies.
    enum class layout {
        lines,    ///< each on a line of its own, `printable`
        hex,      ///< each on a line of its own, `hexadecimal`
        verbatim, ///< as their bytes come, on a terminal by `printable_stream`; a reply after a line of input
                  ///< begins a new line
    };

    explicit screen(layout how, line_editor* editor = nullptr); ///< the editor outlives the screen

    /// Shows a person the name of the peer, and the first prompt. Does nothing if no person types.
    void greet(const std::string& peer);
    void prompt_person(); ///< called when a line of input has been sent

    void begin_line();                                         ///< called when a line of input is sent
    void show(bytes_view reply, const std::string& note = {}); ///< behind a note, where it begins a line

    void warn(const std::string&
                  text); ///< says on stderr why the line was not sent; between `begin_line` and `prompt_person`

    /// Flushes the output. Errors: throws std::runtime_error if it could not be written.
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
