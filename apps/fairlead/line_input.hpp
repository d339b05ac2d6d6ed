#pragma once

#include "talk/line_editor.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/shard.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace fairlead::command {

/// Reads the lines of a file, a pipe or a terminal, without making the descriptor non-blocking, because its
/// other users share that flag. Can also take the lines of an editor, which reads the terminal.
///
/// Thread safety: the thread of its shard. Lifetime: a line is valid until the next one is asked for; the editor outlives the
/// lines.
class line_input {
public:
    line_input(shard& home, int descriptor, std::size_t max_line);
    line_input(shard& home, line_editor& editor, std::size_t max_line);
    line_input(const line_input&) = delete;
    line_input& operator=(const line_input&) = delete;

    /// Waits for the next line and returns it without its ending, `\n` or `\r\n`; nullopt at the end of
    /// input and after `close`.
    ///
    /// Errors: throws std::runtime_error when the input cannot be read or a line exceeds the limit.
    boost::asio::awaitable<std::optional<bytes_view>> next();

    /// Returns the next line if it was already read, else nullopt.
    std::optional<bytes_view> try_next();

    bool is_typed() const noexcept { return typed_; } ///< true on a terminal

    /// Returns true if a line ends the input: `exit` or `quit` on a terminal. In a file or a pipe these are
    /// lines like others.
    bool is_farewell(bytes_view line) const noexcept { return typed_ && (line == "exit" || line == "quit"); }

    /// Ends the input; drops the lines that were not taken yet.
    void close();

private:
    bool ready() const noexcept;
    void fill();
    void fill_from_editor();
    [[noreturn]] void refuse(const std::string& why) const;

    line_editor* editor_ = nullptr;
    int descriptor_;
    bool typed_;
    std::size_t max_line_;
    line framing_;
    byte_buffer input_;
    std::optional<boost::asio::posix::stream_descriptor> waits_; // nullopt if reading never waits
    bool ended_ = false;
};

} // namespace fairlead::command
