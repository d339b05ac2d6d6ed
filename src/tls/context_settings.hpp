#pragma once

#include "tls/openssl.hpp"

#include <fairlead/tls.hpp>

#include <string>
#include <vector>

namespace fairlead {

/// Makes a context with the settings that clients and servers share: modern versions and ciphers, no
/// renegotiation, no compression, no early data, and buffers that are released while they are empty.
///
/// Errors: throws std::bad_alloc.
ssl_ctx_ptr make_tls_context(const SSL_METHOD* method, tls_version min_version);

/// Returns true if the certificate of the peer of `session` has expired.
bool has_expired_peer(SSL_SESSION* session) noexcept;

/// Returns the names in the form of the protocol: each preceded by its length in one byte.
///
/// Errors: throws std::invalid_argument for an empty name and for one of more than 255 bytes.
std::vector<unsigned char> encode_alpn(const std::vector<std::string>& names);

} // namespace fairlead
