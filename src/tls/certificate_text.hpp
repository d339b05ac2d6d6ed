#pragma once

#include "tls/openssl.hpp"

#include <string>
#include <vector>

namespace fairlead {

// The parts of a certificate as text. Bytes that are not printable are escaped. Errors: throw std::bad_alloc.

std::string subject_of(const X509* certificate); ///< "CN=echo.example,O=Example", as in RFC 2253
std::string issuer_of(const X509* certificate);  ///< the same of its issuer
std::string time_text(const ASN1_TIME* time);    ///< "2026-01-31 12:00:00 UTC"

/// Returns the host names of a certificate in lower case: the DNS names of its subject alternative names, else
/// its common name.
std::vector<std::string> host_names_of(const X509* certificate);

/// Returns the subject alternative names of a certificate: `DNS:echo.example`, `IP:127.0.0.1`.
std::vector<std::string> alternative_names_of(const X509* certificate);

/// Returns the SHA-256 of the DER form of a certificate, as 64 hexadecimal digits.
std::string fingerprint_of(const X509* certificate);

} // namespace fairlead
