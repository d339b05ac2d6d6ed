#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/tls.hpp>

#include <cstddef>

namespace fairlead {

/// The beginning of each TLS record (RFC 8446, section 5.1).
///
///     | type | 3 | minor version | length, 2 bytes | … |
struct tls_record {
    static constexpr std::size_t header_size = 5;
    static constexpr std::size_t max_plain = 16 * 1024; ///< bytes of a message in one record
    static constexpr std::size_t max_body =
        max_plain + 2048; ///< with the bytes that encryption may add (RFC 5246, section 6.2.3)

    enum type : unsigned char { change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23 };

    /// Returns the size of the record at the beginning of `received`, its header included. The record may be
    /// incomplete.
    ///
    /// Errors: `errc::would_block` if more of the header is needed; `tls_errc::not_tls` if the bytes begin no record.
    static result<std::size_t> size(bytes_view received) noexcept {
        if (!received.empty() && (received[0] < change_cipher_spec || received[0] > application_data))
            return tls_errc::not_tls;
        if (received.size() >= 2 && received[1] != 3)
            return tls_errc::not_tls;
        if (received.size() < header_size)
            return errc::would_block;
        const std::size_t body = received[3] * std::size_t{256} + received[4];
        if (body > max_body)
            return tls_errc::not_tls;
        return header_size + body;
    }
};

} // namespace fairlead
