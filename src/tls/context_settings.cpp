#include "tls/context_settings.hpp"

#include <stdexcept>

namespace fairlead {

namespace {

constexpr int version_number(tls_version version) noexcept {
    return version == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

// The ciphers of TLS 1.2 with forward secrecy and authentication of each record. Those of TLS 1.3 all have both.
constexpr const char* ciphers_of_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* key_groups = "X25519:P-256:P-384";

} // namespace

ssl_ctx_ptr make_tls_context(const SSL_METHOD* method, tls_version min_version) {
    const empty_error_queue errors;
    ssl_ctx_ptr context{not_null(SSL_CTX_new(method))};
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY); // a call handles one record
    SSL_CTX_set_options(context.get(),
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    if (SSL_CTX_set_min_proto_version(context.get(), version_number(min_version)) != 1 ||
        SSL_CTX_set_cipher_list(context.get(), ciphers_of_1_2) != 1 ||
        SSL_CTX_set1_groups_list(context.get(), key_groups) != 1)
        throw std::bad_alloc{};
    return context;
}

bool has_expired_peer(SSL_SESSION* session) noexcept {
    const X509* const peer = SSL_SESSION_get0_peer(session);
    return peer && X509_cmp_current_time(X509_get0_notAfter(peer)) <= 0; // 0: the field is no time
}

std::vector<unsigned char> encode_alpn(const std::vector<std::string>& names) {
    std::vector<unsigned char> encoded;
    for (const std::string& name : names) {
        if (name.empty() || name.size() > 255)
            throw std::invalid_argument{"a name of an application protocol (ALPN) has 1 to 255 bytes; '" + name +
                                        "' has " + std::to_string(name.size())};
        encoded.push_back(static_cast<unsigned char>(name.size()));
        encoded.insert(encoded.end(), name.begin(), name.end());
    }
    return encoded;
}

} // namespace fairlead
