#pragma once

#include "line_input.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/shard.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// The origin of the messages of a talk, and their form.
struct message_origin {
    std::vector<std::string> given = {}; ///< of `--send`; empty: lines of stdin
    std::size_t repeat = 1;              ///< times that these are sent
    bool hex = false;                    ///< each text is hexadecimal
};

/// A message, or the reason why a text is none.
struct outgoing {
    bytes_view bytes;
    std::string fault = {};
};

/// The messages that are given on the command line, or that come as lines of stdin.
///
///     --send TEXT, or a line ──▶ @FILE? ──▶ hexadecimal? ──▶ message
///
/// On the command line and on a terminal, `@FILE` stands for the content of a file, and a first `@@` for
/// one `@`. On a terminal, the lines `exit` and `quit` end the messages. In a pipe, all these are lines
/// like others.
///
/// Thread safety: the thread of its shard. Lifetime: a message is valid until the next one is asked for.
class message_source {
public:
    /// With an editor, the lines of stdin come from it; it outlives the source.
    message_source(shard& home, message_origin from, std::size_t max_message, line_editor* editor);

    /// Waits for the next message and returns it; nullopt at the end and after `close`.
    ///
    /// Errors: throws std::runtime_error when stdin cannot be read or a line exceeds the limit.
    boost::asio::awaitable<std::optional<outgoing>> next();

    /// Returns the next message if it need not wait for it, else nullopt. Also returns nullopt after 16 KiB
    /// of messages of the command line since `next`, so that the caller flushes.
    std::optional<outgoing> try_next();

    void close();

private:
    std::optional<outgoing> next_given();
    std::optional<outgoing> as_message(std::optional<bytes_view> line);
    outgoing content_of(std::string_view text);
    outgoing file(const std::string& path);

    shard& home_;
    message_origin from_;
    std::size_t max_message_;
    std::optional<line_input> lines_; // none if messages were given
    std::size_t given_ = 0;           // messages taken of those
    std::size_t burst_ = 0;           // bytes of messages since `next`
    std::string content_;
};

} // namespace fairlead::command
