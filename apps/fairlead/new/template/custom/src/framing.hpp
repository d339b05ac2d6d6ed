#pragma once

#include <fairlead/framing/framing.hpp>

#include <cstddef>

/// The framing of the protocol: the length of a message, the message, and its checksum. Numbers are big-endian.
///
///     | 00 04 | a h o y | 6D C6 |
///
/// The checksum is CRC-16 with the polynomial 0x1021 and the initial value 0xFFFF: `binascii.crc_hqx(message, 0xFFFF)` in
/// Python.
///
/// Errors: `errc::message_too_large` as soon as the length has arrived; `errc::malformed` for a wrong checksum;
/// `errc::truncated` for a stream that ends inside a message.
class message_framing {
public:
    fairlead::result<fairlead::decoded> decode(fairlead::bytes_view input);
    fairlead::result<fairlead::decoded> finish(fairlead::bytes_view input);
    fairlead::result<void> encode(fairlead::bytes_view message, fairlead::byte_buffer& output);

    std::size_t max_message() const noexcept { return 16 * 1024; }
};
