#pragma once

#include <memory>
#include <optional>
#include <string>

namespace fairlead::command {

/// Lets a person edit the line that is typed on a terminal, and recall earlier ones. A prompt stands before the line.
///
/// Other output goes above the line: `hide`, then write to stdout or stderr, then `draw`.
///
/// A thread reads the keys: one key may be several bytes, and searching the history takes several keys, while messages arrive at
/// any time. The line is never drawn while it is hidden.
///
/// Thread safety: one thread at a time.
class line_editor {
public:
    virtual ~line_editor() = default;

    virtual void start() = 0; ///< shows the prompt and begins to read keys
    virtual void hide() = 0;  ///< removes the line from the terminal, if it is there
    virtual void draw() = 0;  ///< shows it again, where the cursor is now

    /// Returns the text of the lines that were entered since the last call, each with `\n` behind it; "" if there are none, nullopt
    /// behind the last one once the person has ended the input. Not to be called while the line is hidden.
    virtual std::optional<std::string> take() = 0;

    virtual int descriptor() const noexcept = 0; ///< readable when `take` has a result

    virtual void close() = 0; ///< removes the line, ends the input, and puts the terminal back as it was
};

/// Returns the editor of the terminal on stdin and stdout; nullptr if these are no terminal, or one that
/// cannot move its cursor, if `~/.editrc` turns editing off, and in a build without libedit. With a
/// history, the earlier lines are read from its file; stderr reports a fault of the file once.
std::unique_ptr<line_editor> edit_lines(bool keeps_history);

} // namespace fairlead::command
