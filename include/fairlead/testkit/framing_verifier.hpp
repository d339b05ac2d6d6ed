#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace FAIRLEAD_API fairlead {
namespace FAIRLEAD_API testkit {

/// Thrown by `framing_verifier::check`. The text has the stream, the position of the cut, and the expected and actual results.
struct framing_violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Tests a framing on streams of bytes that are cut in every way, without I/O and with any test framework.
///
///     testkit::verify_framing(length_prefixed{{.width = 2, .max_message = 100}})
///         .bytes("\0\3abc\0\0"sv).gives({"abc", ""})
///         .bytes("\0\3ab"sv).ends_with(errc::truncated)
///         .bytes("\xFF\xFF"sv).fails_with(errc::message_too_large)
///         .check();
///
/// Each stream arrives whole, byte by byte, cut at every position (at about 256 positions if it is longer than 4 KiB) and, up to
/// 256 bytes, cut at every two positions. Then the streams that end cleanly arrive joined into one, alone and before each of
/// the others. All ways must yield the same messages and the same error at the same position. Inputs of up to 4 KiB lie in
/// blocks of exactly their size, so that a sanitizer detects reads past the input.
///
/// Every step is also checked against the rules of `framing_type`: a step that consumes nothing is repeatable, `wanted` is more
/// than the input and not more than needed, a message lies in the bytes that its step consumed, and `find_messages`, if the framing
/// has it, finds the same message.
///
/// A framing that divides messages (`passes_parts`) also decodes streams of up to 4 KiB in parts, which must join to the same
/// messages, and encodes each message in two parts.
///
/// Finally the messages are encoded. Encoding must append bytes that decode to the same message, or nothing. A header, if the
/// framing has one, must equal the bytes before the message.
class framing_verifier {
public:
    /// Makes a verifier without cases; each stream is decoded by a copy of `prototype`.
    explicit framing_verifier(framing prototype) : prototype_{std::move(prototype)} {}

    /// Begins a case: a stream of these bytes that then ends. The bytes are copied, here and below.
    framing_verifier& bytes(bytes_view stream);

    /// Expects these messages from `decode`; without this call, none.
    framing_verifier& gives(const std::vector<bytes_view>& messages);

    // The expected end. Without any of these calls: a clean end, with all bytes consumed.

    framing_verifier& fails_with(error_code why);    ///< `decode` returns this error after the messages
    framing_verifier& ends_with(error_code why);     ///< `finish` returns this error for the rest
    framing_verifier& ends_with(bytes_view message); ///< `finish` returns one more message

    /// Expects that at least one message of this case cannot be encoded: `malformed` or too large.
    framing_verifier& one_way();

    /// Allows messages to be divided anywhere, in all cases; only their bytes count. For `raw`.
    framing_verifier& ignoring_boundaries();

    /// Runs all cases.
    ///
    /// Errors: throws framing_violation with a report of several lines; std::logic_error without a case.
    void check() const;

private:
    struct stream_case {
        std::string bytes;
        std::vector<std::string> messages;
        std::vector<std::string> last; // from `finish`
        error_code error;
        bool fails_in_finish = false;
        bool one_way = false;

        bool is_clean() const { return !error && last.empty(); }
    };

    class checks;

    stream_case& current();
    stream_case joined() const;

    framing prototype_;
    std::vector<stream_case> cases_;
    bool ignoring_boundaries_ = false;
};

/// Makes a verifier.
inline framing_verifier verify_framing(framing prototype) {
    return framing_verifier{std::move(prototype)};
}

} // namespace testkit
} // namespace fairlead
