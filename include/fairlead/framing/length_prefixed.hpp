#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace FAIRLEAD_API fairlead {

/// The action for a message that exceeds `max_message`.
enum class oversize_policy {
    close,   ///< fail with errc::message_too_large as soon as the header has arrived
    discard, ///< skip the message without buffering it, and continue after it
};

/// Options of `length_prefixed`: the position, the meaning and the limit of the length field.
struct length_prefixed_options {
    int width = 4;                             ///< bytes of the length field, 1 to 8
    std::endian byte_order = std::endian::big; ///< of the length field
    std::size_t offset = 0;                    ///< header bytes before the length field, at most 65,535
    bool length_includes_header = false;       ///< true: the length counts the header and the body
    int adjustment = 0;                        ///< the size of the body is the length plus this
    bool keep_header = false;                  ///< true: messages are whole frames, see `length_prefixed`
    /// The largest delivered message in bytes, at least 1. Empty: 1 MiB, or the largest size that `width` can express.
    std::optional<std::size_t> max_message = {};
    /// The largest message that passes in parts, in bytes, see `session::receive_part`. Empty: `max_message`.
    std::optional<std::uint64_t> max_in_parts = {};
    oversize_policy oversize = oversize_policy::close; ///< the action for larger messages
};

/// Messages preceded by their length.
///
///     | offset bytes | length |  b o d y  |        length = body - adjustment, + header if length_includes_header
///     |<----- header -------->|
///
///     {}                                                  | 00 00 00 05 | h e l l o |
///     {.width = 2, .length_includes_header = true}        | 00 07 | h e l l o |
///     {.width = 2, .offset = 1, .adjustment = 3}          | 2A | 00 02 | c r c h i |
///
/// By default a message is the body: decoding removes the header, and encoding writes zeros before the length field. With
/// `keep_header` a message is the whole frame: encoding writes it unchanged and refuses a frame whose length field does not
/// match its size. In both cases an encoded message decodes to the same bytes.
///
/// Errors:
///
/// - `errc::message_too_large`: reported when the header has arrived, before the body; also for a size of more than 64 bits,
///   even with `discard`; encoding, a message above `max_message`.
/// - `errc::truncated`: the stream ended inside a message, also inside a discarded one.
/// - `errc::malformed`: decoding, a length smaller than the part that it counts; encoding, a message shorter than `adjustment`,
///   or a kept header that does not match; a message that is begun without its size.
/// - The constructor throws std::invalid_argument with advice if options contradict each other.
class length_prefixed {
public:
    /// Makes a framing from options that do not contradict each other.
    explicit length_prefixed(length_prefixed_options options = {});

    // See `framing_type` and `framing`.
    result<decoded> decode(bytes_view input);                            ///< decodes one step
    result<decoded> finish(bytes_view input);                            ///< decodes the end of the stream
    result<void> encode(bytes_view message, byte_buffer& output);        ///< appends one framed message
    result<void> encode_header(bytes_view message, byte_buffer& output); ///< appends the header only
    bool keeps_headers() const noexcept;                                 ///< true if the header is only the length
    std::size_t max_message() const noexcept;                            ///< the limit in force, in bytes
    /// See `finds_messages`.
    std::size_t find_messages(bytes_view input, std::span<found_message> found) const noexcept;
    result<decoded_part> decode_part(bytes_view input); ///< see `passes_parts`
    bool divides_messages() const noexcept;             ///< false with `keep_header`
    /// Appends the header of a message that passes in parts.
    result<void> begin_message(std::optional<std::uint64_t> size, byte_buffer& output);

    /// Returns a line with the length that was read, the limit, and a hint if the other byte order would fit.
    std::string explain(error_code why, bytes_view input) const;

    /// Returns `length`, `length:2` or `length:4:le`; "custom" with options other than width, byte order and limit.
    std::string to_string() const;

private:
    struct layout;

    result<void> append_header(std::uint64_t frame, byte_buffer& output) const;
    [[gnu::cold]] result<decoded> refuse(std::uint64_t length, bytes_view input);
    [[gnu::cold]] decoded discard(bytes_view input) noexcept;

    std::shared_ptr<const layout> layout_; // the same for all copies
    std::uint64_t skip_ = 0;               // bytes of a discarded frame still to come
    std::uint64_t left_ = 0;               // bytes still to come of a message that passes in parts
};

} // namespace fairlead
