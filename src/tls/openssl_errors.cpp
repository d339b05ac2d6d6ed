#include "tls/openssl_errors.hpp"

#include "tls/openssl.hpp"

#include <fairlead/tls.hpp>

#include <algorithm>
#include <iterator>
#include <openssl/sslerr.h>

namespace fairlead {

namespace {

constexpr int first_alert = SSL_AD_REASON_OFFSET; // from there, OpenSSL has a reason for each alert
constexpr int alert_count = 256;

// Reasons that the peer has caused, or a change of the bytes on their way.
constexpr int breaches[] = {
    ERR_R_ASN1_LIB, // a certificate that cannot be decoded
    SSL_R_APP_DATA_IN_HANDSHAKE,
    SSL_R_BAD_CHANGE_CIPHER_SPEC,
    SSL_R_BAD_CIPHER,
    SSL_R_BAD_DATA,
    SSL_R_BAD_DECOMPRESSION,
    SSL_R_BAD_DH_VALUE,
    SSL_R_BAD_DIGEST_LENGTH,
    SSL_R_BAD_EARLY_DATA,
    SSL_R_BAD_ECC_CERT,
    SSL_R_BAD_ECPOINT,
    SSL_R_BAD_EXTENSION,
    SSL_R_BAD_HANDSHAKE_LENGTH,
    SSL_R_BAD_HELLO_REQUEST,
    SSL_R_BAD_HRR_VERSION,
    SSL_R_BAD_KEY_SHARE,
    SSL_R_BAD_KEY_UPDATE,
    SSL_R_BAD_LEGACY_VERSION,
    SSL_R_BAD_LENGTH,
    SSL_R_BAD_PACKET,
    SSL_R_BAD_PACKET_LENGTH,
    SSL_R_BAD_PROTOCOL_VERSION_NUMBER,
    SSL_R_BAD_PSK,
    SSL_R_BAD_PSK_IDENTITY,
    SSL_R_BAD_RECORD_TYPE,
    SSL_R_BAD_SIGNATURE,
    SSL_R_BINDER_DOES_NOT_VERIFY,
    SSL_R_CA_DN_LENGTH_MISMATCH,
    SSL_R_CCS_RECEIVED_EARLY,
    SSL_R_CERT_LENGTH_MISMATCH,
    SSL_R_CIPHERSUITE_DIGEST_HAS_CHANGED,
    SSL_R_CIPHER_CODE_WRONG_LENGTH,
    SSL_R_CLIENTHELLO_TLSEXT,
    SSL_R_COMPRESSED_LENGTH_TOO_LONG,
    SSL_R_COMPRESSION_DISABLED,
    SSL_R_DATA_BETWEEN_CCS_AND_FINISHED,
    SSL_R_DATA_LENGTH_TOO_LONG,
    SSL_R_DECRYPTION_FAILED,
    SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC,
    SSL_R_DIGEST_CHECK_FAILED,
    SSL_R_ECC_CERT_NOT_FOR_SIGNING,
    SSL_R_ENCRYPTED_LENGTH_TOO_LONG,
    SSL_R_ERROR_IN_RECEIVED_CIPHER_LIST,
    SSL_R_EXCESSIVE_MESSAGE_SIZE,
    SSL_R_EXTRA_DATA_IN_MESSAGE,
    SSL_R_EXT_LENGTH_MISMATCH,
    SSL_R_GOT_A_FIN_BEFORE_A_CCS,
    SSL_R_HTTPS_PROXY_REQUEST,
    SSL_R_HTTP_REQUEST,
    SSL_R_ILLEGAL_POINT_COMPRESSION,
    SSL_R_INAPPROPRIATE_FALLBACK,
    SSL_R_INCONSISTENT_COMPRESSION,
    SSL_R_INCONSISTENT_EXTMS,
    SSL_R_INVALID_ALERT,
    SSL_R_INVALID_CCS_MESSAGE,
    SSL_R_INVALID_CERTIFICATE_OR_ALG,
    SSL_R_INVALID_COMPRESSION_ALGORITHM,
    SSL_R_INVALID_KEY_UPDATE_TYPE,
    SSL_R_INVALID_MAX_EARLY_DATA,
    SSL_R_INVALID_SEQUENCE_NUMBER,
    SSL_R_INVALID_SESSION_ID,
    SSL_R_INVALID_STATUS_RESPONSE,
    SSL_R_LENGTH_MISMATCH,
    SSL_R_LENGTH_TOO_LONG,
    SSL_R_LENGTH_TOO_SHORT,
    SSL_R_MISSING_FATAL,
    SSL_R_MISSING_PSK_KEX_MODES_EXTENSION,
    SSL_R_MISSING_SIGALGS_EXTENSION,
    SSL_R_MISSING_SUPPORTED_GROUPS_EXTENSION,
    SSL_R_MIXED_HANDSHAKE_AND_NON_HANDSHAKE_DATA,
    SSL_R_NOT_ON_RECORD_BOUNDARY,
    SSL_R_NO_CHANGE_FOLLOWING_HRR,
    SSL_R_NO_CIPHERS_SPECIFIED,
    SSL_R_NO_COMPRESSION_SPECIFIED,
    SSL_R_NO_RENEGOTIATION,
    SSL_R_OLD_SESSION_CIPHER_NOT_RETURNED,
    SSL_R_OLD_SESSION_COMPRESSION_ALGORITHM_NOT_RETURNED,
    SSL_R_PACKET_LENGTH_TOO_LONG,
    SSL_R_PARSE_TLSEXT,
    SSL_R_RECORD_LENGTH_MISMATCH,
    SSL_R_RECORD_TOO_SMALL,
    SSL_R_RENEGOTIATE_EXT_TOO_LONG,
    SSL_R_RENEGOTIATION_ENCODING_ERR,
    SSL_R_RENEGOTIATION_MISMATCH,
    SSL_R_REQUIRED_CIPHER_MISSING,
    SSL_R_REQUIRED_COMPRESSION_ALGORITHM_MISSING,
    SSL_R_SCSV_RECEIVED_WHEN_RENEGOTIATING,
    SSL_R_SERVERHELLO_TLSEXT,
    SSL_R_SIGNATURE_FOR_NON_SIGNING_CERTIFICATE,
    SSL_R_SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH,
    SSL_R_SSL3_EXT_INVALID_SERVERNAME,
    SSL_R_SSL3_SESSION_ID_TOO_LONG,
    SSL_R_SSL_SESSION_ID_HAS_BAD_LENGTH,
    SSL_R_SSL_SESSION_ID_TOO_LONG,
    SSL_R_TOO_MANY_KEY_UPDATES,
    SSL_R_TOO_MANY_WARN_ALERTS,
    SSL_R_TOO_MUCH_EARLY_DATA,
    SSL_R_UNEXPECTED_CCS_MESSAGE,
    SSL_R_UNEXPECTED_END_OF_EARLY_DATA,
    SSL_R_UNEXPECTED_MESSAGE,
    SSL_R_UNEXPECTED_RECORD,
    SSL_R_UNKNOWN_CERTIFICATE_TYPE,
    SSL_R_UNKNOWN_CIPHER_RETURNED,
    SSL_R_UNKNOWN_KEY_EXCHANGE_TYPE,
    SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED,
    SSL_R_UNSOLICITED_EXTENSION,
    SSL_R_UNSUPPORTED_COMPRESSION_ALGORITHM,
    SSL_R_UNSUPPORTED_ELLIPTIC_CURVE,
    SSL_R_WRONG_CERTIFICATE_TYPE,
    SSL_R_WRONG_CIPHER_RETURNED,
    SSL_R_WRONG_CURVE,
    SSL_R_WRONG_SIGNATURE_LENGTH,
    SSL_R_WRONG_SIGNATURE_SIZE,
    SSL_R_WRONG_SIGNATURE_TYPE,
    SSL_R_WRONG_VERSION_NUMBER,
};

error_code error_of_reason(int reason, long verified) noexcept {
    if (reason > first_alert && reason < first_alert + alert_count)
        return {reason - first_alert, tls_alert_category()};
    switch (reason) {
    case first_alert: return tls_errc::malformed; // a fatal close_notify; as an alert, 0 would be a success
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
        return verified == X509_V_OK ? error_code{tls_errc::failed}
                                     : error_code{static_cast<int>(verified), certificate_category()};
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return tls_errc::certificate_missing;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNSUPPORTED_SSL_VERSION:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_NO_PROTOCOLS_AVAILABLE: return tls_errc::unsupported_version;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS: return tls_errc::no_shared_cipher;
    case SSL_R_NO_APPLICATION_PROTOCOL: return tls_errc::no_shared_alpn;
    default: return std::ranges::find(breaches, reason) != std::end(breaches) ? tls_errc::malformed : tls_errc::failed;
    }
}

} // namespace

// The last error of the TLS library decides; errors of lower layers come before it.
error_code take_openssl_error(long verified) noexcept {
    error_code why = tls_errc::failed;
    while (const unsigned long code = ERR_get_error()) {
        if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
            return make_error_code(boost::system::errc::not_enough_memory);
        if (ERR_GET_LIB(code) == ERR_LIB_SSL)
            why = error_of_reason(ERR_GET_REASON(code), verified);
    }
    return why;
}

} // namespace fairlead
