#pragma once

#include "tls/openssl.hpp"

#include <fairlead/tls.hpp>

#include <ctime>
#include <string>
#include <vector>

namespace fairlead {

/// A certificate with those of its issuers, and its key.
struct loaded_certificate {
    std::vector<x509_ptr> chain; ///< at least one: the certificate itself
    evp_pkey_ptr key;
    std::vector<std::string> names; ///< of hosts, in lower case: its subject alternative names, else its common name
};

/// Reads and checks the files of a certificate: the key belongs to it, each certificate of the chain is issued
/// by the next, and all are valid at `now`.
///
/// Errors: throws std::invalid_argument that names the file, the fault and the remedy.
loaded_certificate load_certificate(const tls_certificate& files, std::time_t now);

/// Reads the certificates of a PEM file, at least one. Errors: as above.
std::vector<x509_ptr> load_certificates(const std::string& file);

/// Puts a certificate with its chain and key into `context`. Errors: throws std::invalid_argument, for example
/// if the key is too small for the security level of the system.
void use_certificate(SSL_CTX* context, const loaded_certificate& loaded, const tls_certificate& files);

} // namespace fairlead
