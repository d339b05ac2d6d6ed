#pragma once

#include "tls/openssl.hpp"

namespace fairlead {

/// The object that a connection of OpenSSL belongs to, as callbacks of OpenSSL see it.
class ssl_owner {
public:
    ssl_owner() noexcept = default;
    ssl_owner(const ssl_owner&) = delete;
    ssl_owner& operator=(const ssl_owner&) = delete;

    static void set(SSL* ssl, ssl_owner* owner) noexcept { SSL_set_app_data(ssl, owner); }

    /// For SSL_CTX_set_verify: reports each certificate that is refused, and refuses it.
    static int on_verified(int accepted, X509_STORE_CTX* store) noexcept {
        auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
        if (ssl_owner* const owner = of(ssl); owner && accepted != 1)
            owner->certificate_refused(store);
        return accepted;
    }

    /// For SSL_CTX_sess_set_new_cb: hands over the session.
    static int on_new_session(SSL* ssl, SSL_SESSION* session) noexcept {
        ssl_owner* const owner = of(ssl);
        if (!owner)
            return 0;
        owner->session_given(ssl_session_ptr{session});
        return 1;
    }

protected:
    ~ssl_owner() = default;

private:
    static ssl_owner* of(const SSL* ssl) noexcept { return static_cast<ssl_owner*>(SSL_get_app_data(ssl)); }

    virtual void certificate_refused(X509_STORE_CTX* store) noexcept = 0;
    virtual void session_given(ssl_session_ptr session) noexcept = 0;
};

} // namespace fairlead
