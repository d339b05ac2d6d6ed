#pragma once

#include <fairlead/api.hpp>
#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace FAIRLEAD_API fairlead {

/// The result of one step of decoding.
///
///     input:  | header | m e s s a g e | header | m e s …
///             |<------ consumed ------>|
///                      |<- message --->|
struct decoded {
    std::size_t consumed = 0;               ///< bytes of the input that this step used
    std::optional<bytes_view> message = {}; ///< nullopt: more bytes are needed; an empty view is a message
    std::size_t wanted = 0;                 ///< a hint: the input size at which decoding can continue; 0: unknown
};

/// A framing takes messages out of a stream of bytes and puts messages into a stream, without I/O.
///
///     struct single_bytes {                                       // each byte is a message
///         result<decoded> decode(bytes_view input) {
///             if (input.empty())
///                 return decoded{};                               // more bytes are needed
///             return decoded{.consumed = 1, .message = input.first(1)};
///         }
///         result<decoded> finish(bytes_view) { return decoded{}; }
///         result<void> encode(bytes_view message, byte_buffer& output) {
///             if (message.size() != 1)
///                 return errc::malformed;
///             output.append(message);
///             return {};
///         }
///     };
///
/// - `decode(input)` gets all bytes that were received and not yet consumed. A step with a message consumes 1 to `input.size()`
///   bytes. A step without a message that consumes nothing asks for more input; `decode` is then called again with the same
///   bytes and more. An error ends the stream; a framing does not resynchronise.
/// - `finish(input)` is called after the end of the stream, when `decode` needs more input. It returns a last message and is
///   called again, or returns no message, or `errc::truncated`.
/// - `encode(message, output)` appends one framed message. It refuses a message that the peer could not decode, before it writes
///   a byte.
///
/// Thread safety: one thread at a time; every session has its own copy. Lifetime: a message is a view of `input`, or of storage of
/// the framing that is valid until the next call of `decode`.
template <class F>
concept framing_type = std::copyable<F> && requires(F framing, bytes_view input, byte_buffer& output) {
    { framing.decode(input) } -> std::same_as<result<decoded>>;
    { framing.finish(input) } -> std::same_as<result<decoded>>;
    { framing.encode(input, output) } -> std::same_as<result<void>>;
};

/// A framing that encodes a message as a header followed by the unchanged message. `encode_header` appends the header only, so
/// that the message is sent without a copy. It refuses the same messages as `encode`. For each message one of the two is
/// called, once.
template <class F>
concept frames_by_header = requires(F framing, bytes_view message, byte_buffer& output) {
    { framing.encode_header(message, output) } -> std::same_as<result<void>>;
};

/// A framing whose headers depend on the size of the message only. `keeps_headers()` returns true if `encode_header` would write,
/// for any message of the same size, exactly the bytes that stood before a decoded message. A reply that is the message just
/// received is then sent with its old header, without a call of `encode_header`.
template <class F>
concept declares_kept_headers = frames_by_header<F> && requires(const F& framing) {
    { framing.keeps_headers() } -> std::same_as<bool>;
};

/// The result of one step of decoding a message in parts.
///
///     input:  | header | b o d y …        the next input:  | … b o d y | header | …
///             |<--- consumed --->|                         |<consumed->|
///                      |<- part->|                         |<- part -->|   left: 0
struct decoded_part {
    std::size_t consumed = 0;            ///< bytes of the input that this step used
    std::optional<bytes_view> part = {}; ///< nullopt: more bytes are needed
    std::optional<std::uint64_t> left =
        {};                 ///< bytes of the message after this part; 0: it was the last. nullopt: unknown
    std::size_t wanted = 0; ///< as in `decoded`
};

/// A framing whose messages can pass in parts, for `session::receive_part` and `session::begin_message`.
///
/// - `decode_part(input)` is as `decode`, but returns the bytes of a message that have arrived. The framing keeps its state between
///   two parts. `finish` returns no message, and `errc::truncated` at an end of the stream between them.
/// - `begin_message(size, output)` appends the bytes that precede the first part, such as a length. nullopt: the size is not known; a
///   framing that needs it returns `errc::malformed`.
///
/// `decode` and `decode_part` may take turns between two messages. `encode` may be called between `begin_message` and the end of that
/// message, for one that goes out after it.
///
/// A framing that marks each part, as chunks do, has two more functions:
///
/// - `begin_part(part, output)` appends the bytes that precede a part that is not empty; the part follows unchanged.
/// - `end_message(output)` appends the bytes after the last part.
template <class F>
concept passes_parts = requires(F framing, bytes_view input, std::optional<std::uint64_t> size, byte_buffer& output) {
    { framing.decode_part(input) } -> std::same_as<result<decoded_part>>;
    { framing.begin_message(size, output) } -> std::same_as<result<void>>;
};

/// A framing whose options decide whether its messages can pass in parts: `divides_messages()` returns true if they can.
template <class F>
concept chooses_parts = passes_parts<F> && requires(const F& framing) {
    { framing.divides_messages() } -> std::same_as<bool>;
};

/// A framing with `begin_part` and `end_message`; see `passes_parts`.
template <class F>
concept marks_parts = passes_parts<F> && requires(F framing, bytes_view part, byte_buffer& output) {
    { framing.begin_part(part, output) } -> std::same_as<result<void>>;
    { framing.end_message(output) } -> std::same_as<result<void>>;
};

/// A framing that limits the size of messages: `max_message()` returns the limit in bytes. `server::listen` refuses a limit above
/// `server_options::buffer_budget`.
template <class F>
concept limits_messages = requires(const F& framing) {
    { framing.max_message() } -> std::same_as<std::size_t>;
};

/// A framing that explains refused bytes: `explain(why, input)` returns one line for the log. Without it the log has the text of
/// the error and `explain_input(input)`.
template <class F>
concept explains_errors = requires(const F& framing, error_code why, bytes_view input) {
    { framing.explain(why, input) } -> std::same_as<std::string>;
};

/// A framing with a text form: `to_string()` returns it, such as `length:2`.
template <class F>
concept has_text_form = requires(const F& framing) {
    { framing.to_string() } -> std::same_as<std::string>;
};

/// A whole message in the input of a framing.
///
///     input:  | header | m e s s a g e | header | m e s …
///             |<------ consumed ------>|
///                      ^ begin, size
struct found_message {
    const unsigned char* begin; ///< of the message
    std::size_t size;           ///< of the message, in bytes
    std::size_t consumed;       ///< as in `decoded`

    bytes_view message() const noexcept { return {begin, size}; } ///< returns a view of the message
};

/// A framing that finds several messages at once, which is faster than one call of `decode` for each.
///
/// `find_messages(input, found)` writes the first messages of `input` to `found`, one behind the other, and returns their number, 0 to
/// `found.size()`. Each is the message that the next call of `decode` would return, and lies in `input`. The function is const, because
/// the session may take fewer of them. If it returns 0, the session calls `decode`.
template <class F>
concept finds_messages = requires(const F& framing, bytes_view input, std::span<found_message> found) {
    { framing.find_messages(input, found) } -> std::same_as<std::size_t>;
};

} // namespace fairlead
