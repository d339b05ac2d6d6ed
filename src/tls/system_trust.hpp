#pragma once

#include "tls/openssl.hpp"

namespace fairlead {

/// Returns the certificates that the system trusts. All contexts share them, because there are more than a hundred. They are read
/// by the first call, which takes tens of milliseconds, and again after their file has changed.
///
/// Errors: throws std::invalid_argument if they cannot be read; std::bad_alloc. Thread safety: any thread.
x509_store_ptr system_trust();

} // namespace fairlead
