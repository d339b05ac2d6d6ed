#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/tls.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace fairlead {

/// Finds the end of a ClientHello, the first message of a client, in the bytes that have arrived. No I/O, no
/// allocation: until the message is whole, a connection needs only its bytes and no memory of OpenSSL.
///
///     | record header | type 1 | length, 3 bytes | hell |    | record header | o |      two records, one hello
class client_hello {
public:
    enum class progress : std::uint8_t { incomplete, whole };

    /// `received` has all bytes since the beginning of the connection; it grows from call to call.
    ///
    /// Errors, all terminal: `tls_errc::not_tls`, `malformed`, `hello_too_large`.
    result<progress> examine(bytes_view received) noexcept;

    static constexpr std::size_t max_size = 16 * 1024; ///< without the headers of records

private:
    result<std::uint32_t> read_length(bytes_view fragment) const noexcept;

    std::uint32_t next_ = 0;      // where the next record begins
    std::uint32_t collected_ = 0; // bytes of the message in the records before that
    std::uint32_t length_ = 0;    // the digits of the length that are known
};

/// Returns the name of the server that a whole ClientHello asks for, in lower case; empty if it has none, or is
/// malformed.
///
/// Errors: throws std::bad_alloc.
std::string server_name_in(bytes_view hello);

} // namespace fairlead
