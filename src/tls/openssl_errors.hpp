#pragma once

#include <fairlead/error.hpp>

namespace fairlead {

/// Returns the error of a connection from the error queue of OpenSSL, and empties the queue. Never a success.
///
/// `verified` is the result of the verification of the peer's certificate. It is used if that failed.
error_code take_openssl_error(long verified) noexcept;

} // namespace fairlead
