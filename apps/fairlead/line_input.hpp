#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/shard.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace fairlead::command {

/// The lines of a file, a pipe or a terminal, read without making it non-blocking: its other users share that flag.
///
/// Thread safety: the thread of its shard. Lifetime: a line is valid until the next one is asked for.
class line_input {
public:
    static constexpr std::size_t max_line = 16 * 1024 * 1024;

    line_input(shard& home, int descriptor);
    line_input(const line_input&) = delete;
    line_input& operator=(const line_input&) = delete;

    /// The next line without its ending, `\n` or `\r\n`; waits for it. Nothing at the end of input or after `close`.
    ///
    /// Errors: throws std::runtime_error when the input cannot be read or a line exceeds `max_line`.
    boost::asio::awaitable<std::optional<bytes_view>> next();

    /// A line that is already here.
    std::optional<bytes_view> try_next();

    /// Ends the input where it is.
    void close();

private:
    bool ready() const noexcept;
    void fill();
    [[noreturn]] void refuse(const std::string& why) const;

    int descriptor_;
    line framing_;
    byte_buffer input_;
    std::optional<boost::asio::posix::stream_descriptor> waits_; // none where reading never waits
    bool ended_ = false;
};

/// Whether a line says `exit` or `quit`, which ends the input as well.
inline bool is_farewell(bytes_view line) noexcept {
    return line == "exit" || line == "quit";
}

} // namespace fairlead::command
