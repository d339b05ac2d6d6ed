#pragma once

#include "tls/openssl.hpp"

#include <string>

namespace fairlead::test {

/// The first bytes of a client of OpenSSL that asks for that server; with no name for "".
inline std::string make_client_hello(std::string server_name) {
    const ssl_ctx_ptr context{SSL_CTX_new(TLS_client_method())};
    const ssl_ptr ssl{SSL_new(context.get())};
    BIO* const written = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), written);
    if (!server_name.empty())
        SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, server_name.data());
    SSL_connect(ssl.get());
    ERR_clear_error();
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(written, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

} // namespace fairlead::test
