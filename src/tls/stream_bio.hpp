#pragma once

#include "tls/openssl.hpp"

#include <fairlead/byte_buffer.hpp>

#include <cstddef>

namespace fairlead {

/// The bytes between OpenSSL and a stream. OpenSSL does no I/O: it reads the part of `received` that it is shown, one record at a
/// time, and writes to the end of `unsent`, which takes everything. So a write is never to be repeated, and whoever owns
/// this may be closed by the stream without a call of OpenSSL being in progress.
struct tls_wire {
    byte_buffer received;
    byte_buffer unsent;
    std::size_t shown = 0;      ///< bytes at the beginning of `received` that OpenSSL may read
    bool out_of_memory = false; ///< a write failed for that
};

/// Has `ssl` read and write there. Lifetime: `wire` outlives it. Errors: throws std::bad_alloc.
void connect_bio(SSL* ssl, tls_wire& wire);

} // namespace fairlead
