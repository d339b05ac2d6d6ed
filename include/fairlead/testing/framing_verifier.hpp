#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// What `framing_verifier::check` found: the stream, where it was cut, what was expected and what came instead.
struct framing_violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Tries a framing on streams of bytes, cut in every way, without any I/O and with any test framework.
///
///     verify_framing(length_prefixed{{.width = 2, .max_message = 100}})
///         .bytes("\0\3abc\0\0"sv).gives({"abc", ""})
///         .bytes("\0\3ab"sv).ends_with(errc::truncated)
///         .bytes("\xFF\xFF"sv).fails_with(errc::message_too_large)
///         .check();
///
/// Each stream arrives whole, byte by byte, cut at every position (about 256 of them if longer than 4 KiB) and,
/// up to 256 bytes, at every two positions; then the streams that end cleanly arrive joined into one, alone and before
/// each of the others. All must give the same messages and the same error at the same position. Up to 4 KiB whatever
/// arrives is moved to a block of exactly its size, so that a sanitizer sees when a framing reads behind its input.
///
/// On the way every step is held against what `framing_type` asks for: one that uses nothing up is repeatable, `wanted`
/// is more than the input and not more than needed, a message lies in the bytes that its step used up.
///
/// The messages are then encoded, which must append bytes that decode to the same message, or nothing; a head, where the
/// framing has one, must be what is before the message in them.
class framing_verifier {
public:
    /// Makes a verifier without cases; each stream is decoded by a copy of `prototype`.
    explicit framing_verifier(framing prototype) : prototype_{std::move(prototype)} {}

    /// Begins a case: a stream that consists of these bytes and ends. The bytes are copied, here and below.
    framing_verifier& bytes(bytes_view stream);

    /// The messages that `decode` takes from the stream; without this call none.
    framing_verifier& gives(const std::vector<bytes_view>& messages);

    /// How the stream ends. Without any of these calls: cleanly, with all bytes used up.
    framing_verifier& fails_with(error_code why);    ///< `decode` refuses what follows the messages
    framing_verifier& ends_with(error_code why);     ///< `finish` refuses what is left
    framing_verifier& ends_with(bytes_view message); ///< `finish` gives one more message

    /// Not all messages of this case can be encoded: at least one must be refused, as `malformed` or too large.
    framing_verifier& one_way();

    /// For all cases: messages may be divided anywhere, only their bytes count. For `raw`.
    framing_verifier& ignoring_boundaries();

    /// Errors: throws framing_violation with a report of several printable lines; std::logic_error without any case.
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

    stream_case& current();
    stream_case joined() const;
    std::size_t check_cuts(const stream_case& expected, const std::string& name) const;
    void check_encoding(const stream_case& expected, const std::string& name) const;

    framing prototype_;
    std::vector<stream_case> cases_;
    bool ignoring_boundaries_ = false;
};

/// The same as constructing a verifier; reads well.
inline framing_verifier verify_framing(framing prototype) {
    return framing_verifier{std::move(prototype)};
}

} // namespace fairlead
