// The errors that the queue of OpenSSL becomes.

#include "tls/openssl.hpp"
#include "tls/openssl_errors.hpp"

#include <fairlead/tls.hpp>

#include <gtest/gtest.h>
#include <openssl/sslerr.h>

namespace fairlead::test {

namespace {

error_code error_of(int reason, long verified = X509_V_OK) {
    ERR_raise(ERR_LIB_SSL, reason);
    const error_code why = take_openssl_error(verified);
    EXPECT_EQ(ERR_peek_error(), 0u);
    return why;
}

} // namespace

TEST(openssl_errors, are_never_a_success) {
    EXPECT_EQ(error_of(SSL_AD_REASON_OFFSET), tls_errc::malformed); // a fatal close_notify
    EXPECT_EQ(error_of(SSL_R_CERTIFICATE_VERIFY_FAILED), tls_errc::failed);
    EXPECT_EQ(take_openssl_error(X509_V_OK), tls_errc::failed); // of an empty queue
}

TEST(openssl_errors, have_the_numbers_of_alerts_and_refusals) {
    EXPECT_EQ(error_of(SSL_AD_REASON_OFFSET + 48), (error_code{48, tls_alert_category()}));
    EXPECT_EQ(error_of(SSL_R_CERTIFICATE_VERIFY_FAILED, X509_V_ERR_CERT_HAS_EXPIRED),
              (error_code{X509_V_ERR_CERT_HAS_EXPIRED, certificate_category()}));
}

TEST(openssl_errors, blame_the_peer_for_what_only_it_can_do) {
    for (const int reason : {SSL_R_UNEXPECTED_MESSAGE, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, SSL_R_BAD_SIGNATURE,
                             SSL_R_LENGTH_MISMATCH, SSL_R_NO_RENEGOTIATION})
        EXPECT_EQ(error_of(reason), tls_errc::malformed) << reason;
    for (const int reason : {SSL_R_NO_CERTIFICATE_ASSIGNED, SSL_R_CALLBACK_FAILED, SSL_R_PROTOCOL_IS_SHUTDOWN,
                             SSL_R_LIBRARY_BUG, ERR_R_INTERNAL_ERROR, 999'999})
        EXPECT_EQ(error_of(reason), tls_errc::failed) << reason;
}

} // namespace fairlead::test
