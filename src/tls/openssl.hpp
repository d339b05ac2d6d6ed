#pragma once

#include <memory>
#include <new>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string>

namespace fairlead {

/// Frees an object of OpenSSL by its own function.
template <auto Free>
struct openssl_free {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using ssl_ptr = std::unique_ptr<SSL, openssl_free<SSL_free>>;
using ssl_ctx_ptr = std::unique_ptr<SSL_CTX, openssl_free<SSL_CTX_free>>;
using ssl_session_ptr = std::unique_ptr<SSL_SESSION, openssl_free<SSL_SESSION_free>>;
using bio_ptr = std::unique_ptr<BIO, openssl_free<BIO_free>>;
using x509_ptr = std::unique_ptr<X509, openssl_free<X509_free>>;
using x509_store_ptr = std::unique_ptr<X509_STORE, openssl_free<X509_STORE_free>>;
using evp_pkey_ptr = std::unique_ptr<EVP_PKEY, openssl_free<EVP_PKEY_free>>;

/// Empties the error queue of OpenSSL for this thread, in its constructor and in its destructor.
///
/// An error that an earlier call left would be taken for one of the next call (SSL_get_error(3)).
class empty_error_queue {
public:
    empty_error_queue() noexcept { clear(); }
    empty_error_queue(const empty_error_queue&) = delete;
    empty_error_queue& operator=(const empty_error_queue&) = delete;
    ~empty_error_queue() { clear(); }

private:
    static void clear() noexcept {
        if (ERR_peek_error() != 0)
            ERR_clear_error();
    }
};

/// Returns the text of OpenSSL for the oldest error of the queue: "wrong version number"; empty if there is none.
inline std::string openssl_reason() {
    const unsigned long code = ERR_peek_error();
    if (code == 0)
        return {};
    const char* const reason = ERR_reason_error_string(code);
    return reason ? reason : "error " + std::to_string(code);
}

/// Throws std::bad_alloc for a null: the functions that make objects fail for want of memory only.
template <class T>
T* not_null(T* object) {
    if (object == nullptr)
        throw std::bad_alloc{};
    return object;
}

} // namespace fairlead
