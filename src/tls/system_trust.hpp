#pragma once

#include "tls/openssl.hpp"

namespace fairlead {

/// Returns the certificates that the system trusts. All contexts share them, because there are more than a
/// hundred. The first call reads them, which takes tens of milliseconds; later calls read them again after
/// their file has changed.
///
/// Errors: throws std::invalid_argument if they cannot be read; std::bad_alloc. Thread safety: any thread.
x509_store_ptr system_trust();

} // namespace fairlead
