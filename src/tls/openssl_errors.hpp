#pragma once

#include <fairlead/error.hpp>

namespace fairlead {

/// Returns the error that the queue of OpenSSL tells of a connection, and empties the queue. Never a success.
///
/// `verified` is the outcome of the verification of the peer's certificate, for the case that it failed.
error_code take_openssl_error(long verified) noexcept;

} // namespace fairlead
