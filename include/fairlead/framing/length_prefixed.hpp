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

/// What becomes of a message that exceeds `max_message`.
enum class oversize_policy {
    close,   ///< errc::message_too_large, from the header alone
    discard, ///< the message is skipped while it arrives, never buffered, and decoding goes on behind it
};

/// Where the length stands, what it counts and how much it may announce.
struct length_prefixed_options {
    int width = 4;                             ///< bytes of the length field, 1…8
    std::endian byte_order = std::endian::big; ///< of the length field
    std::size_t offset = 0;                    ///< header bytes before the length field, at most 65,535
    bool length_includes_header = false;       ///< the length counts the whole header too, not the body alone
    int adjustment = 0;                        ///< added to the length to get the size of the body
    bool keep_header = false;                  ///< messages are whole frames, see `length_prefixed`
    /// Bytes in one message as delivered, at least 1; 1 MiB unless given, or less if the width cannot say that much.
    std::optional<std::size_t> max_message = {};
    oversize_policy oversize = oversize_policy::close; ///< what becomes of larger messages when decoding
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
/// By default a message is the body: decoding drops the header, and encoding writes zeros before the length field.
/// With `keep_header` a message is the whole frame: encoding writes it as it is and refuses one whose length field does
/// not say its size. Either way, what was encoded is decoded to the same bytes.
///
/// Errors: message_too_large - known from the header alone, before any of the body is waited for; also a size of more
/// than 64 bits, even with `discard`. malformed - a length that does not cover what it counts; encoding, a message
/// shorter than `adjustment` or one whose kept header is wrong.
/// The constructor throws std::invalid_argument with advice when options contradict each other.
class length_prefixed {
public:
    /// Makes a framing from options that do not contradict each other.
    explicit length_prefixed(length_prefixed_options options = {});

    result<decoded> decode(bytes_view input);                            ///< takes the next message
    result<decoded> decode_each(bytes_view input, decoded_sink& sink);   ///< see `decodes_each`
    result<decoded> finish(bytes_view input);                            ///< returns `errc::truncated` inside a message
    result<void> encode(bytes_view message, byte_buffer& output);        ///< appends the header and the message
    result<void> encode_header(bytes_view message, byte_buffer& output); ///< appends what stands before the message
    bool keeps_headers() const noexcept;                                 ///< true if a header is the length alone
    std::size_t max_message() const noexcept;                            ///< returns the largest size of a message

    /// Says the length that was read, the limit, and whether the other byte order would have made sense.
    std::string explain(error_code why, bytes_view input) const;

    /// `length`, `length:2`, `length:4:le`; "custom" with any option but width, byte order and limit.
    std::string to_string() const;

private:
    struct layout;

    [[gnu::cold]] result<decoded> refuse(std::uint64_t length, bytes_view input);
    [[gnu::cold]] decoded discard(bytes_view input) noexcept;

    std::shared_ptr<const layout> layout_; // the same for all copies
    std::uint64_t skip_ = 0;               // bytes of a discarded frame still to come
};

} // namespace fairlead
