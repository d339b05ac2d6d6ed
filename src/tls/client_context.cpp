#include "tls/client_context.hpp"

#include "tls/context_settings.hpp"
#include "tls/pem_files.hpp"
#include "tls/server_name.hpp"
#include "tls/ssl_owner.hpp"
#include "tls/system_trust.hpp"

#include <stdexcept>

namespace fairlead {

namespace {

void trust(SSL_CTX* context, const std::string& ca_file) {
    if (ca_file.empty())
        return SSL_CTX_set_cert_store(context, system_trust().release());
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    for (const x509_ptr& each : load_certificates(ca_file)) {
        if (X509_STORE_add_cert(store, each.get()) != 1)
            throw std::bad_alloc{};
    }
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN); // a named certificate is trusted even if it is no root
}

// Does the same as the macro SSL_set_tlsext_host_name, which has a cast.
bool ask_for_name(SSL* ssl, std::string name) noexcept {
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

// Demands a certificate for this host. If it is an address, no server name is sent (RFC 6066, section 3).
void expect_host(SSL* ssl, const std::string& host) {
    X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT); // RFC 9525, section 6.1
    const std::string address = host.substr(0, host.find('%'));                         // without a zone
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, address.c_str()) == 1)
        return;
    const std::string name = checked_server_name(host);
    if (X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size()) != 1 || !ask_for_name(ssl, name))
        throw std::bad_alloc{};
}

} // namespace

std::shared_ptr<const tls_client_context> tls_client_context::load(const tls_client_options& options, std::time_t now) {
    const empty_error_queue errors; // also clears the errors of destructors when this throws
    return std::shared_ptr<const tls_client_context>{new tls_client_context{options, now}};
}

tls_client_context::tls_client_context(const tls_client_options& options, std::time_t now)
    : options_{options}, context_{make_tls_context(TLS_client_method(), options.min_version)} {
    const empty_error_queue errors;
    if (options.accept_any_certificate) {
        if (!options.ca_file.empty())
            throw std::invalid_argument{
                "tls_client_options::ca_file has no effect beside accept_any_certificate; leave "
                "out one of them"};
    } else {
        trust(context_.get(), options.ca_file);
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, ssl_owner::on_verified);
    }
    if (options.certificate)
        use_certificate(context_.get(), load_certificate(*options.certificate, now), *options.certificate);
    const std::vector<unsigned char> alpn = encode_alpn(options.alpn);
    if (!alpn.empty() && SSL_CTX_set_alpn_protos(context_.get(), alpn.data(), static_cast<unsigned>(alpn.size())) != 0)
        throw std::bad_alloc{};
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), ssl_owner::on_new_session);
}

ssl_ptr tls_client_context::make_ssl(const std::string& host, const std::string& server) const {
    const empty_error_queue errors;
    ssl_ptr ssl{not_null(SSL_new(context_.get()))};
    if (!options_.accept_any_certificate || !host.empty())
        expect_host(ssl.get(), host);
    const auto session = sessions_.take(server);
    if (session && !has_expired_peer(session.get())) // a resumed session is not verified again
        SSL_set_session(ssl.get(), session.get());   // without it the handshake is a full one
    return ssl;
}

} // namespace fairlead
