#pragma once

#include "tls/openssl.hpp"

#include <fairlead/byte_buffer.hpp>

#include <cstddef>

namespace fairlead {

/// The bytes between OpenSSL and a stream. OpenSSL does no I/O: it reads the part of `received` that it is
/// shown, one record at a time, and appends to `unsent`, which accepts everything. So a write is never
/// repeated, and no call of OpenSSL is in progress when the stream closes the owner of this.
struct tls_wire {
    byte_buffer received;
    byte_buffer unsent;
    std::size_t shown = 0;      ///< bytes at the beginning of `received` that OpenSSL may read
    bool out_of_memory = false; ///< a write failed because of that
};

/// Makes `ssl` read from and write to `wire`. Lifetime: `wire` outlives it. Errors: throws std::bad_alloc.
void connect_bio(SSL* ssl, tls_wire& wire);

} // namespace fairlead
