#include "tls/server_context.hpp"

#include "tls/certificate_text.hpp"
#include "tls/context_settings.hpp"
#include "tls/pem_files.hpp"
#include "tls/ssl_owner.hpp"

#include <stdexcept>

namespace fairlead {

namespace {

int choose_alpn(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned offers,
                void* served) noexcept {
    const auto& own = *static_cast<const std::vector<unsigned char>*>(served);
    unsigned char* found = nullptr;
    const int outcome =
        SSL_select_next_proto(&found, size, own.data(), static_cast<unsigned>(own.size()), offered, offers);
    *chosen = found;
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// The certificate was chosen before. The name is accepted here, so that OpenSSL keeps it.
int accept_server_name(SSL*, int*, void*) noexcept {
    return SSL_TLSEXT_ERR_OK;
}

// A resumed session is not verified again. So a client whose certificate has expired must make a full handshake.
SSL_TICKET_RETURN judge_ticket(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t, SSL_TICKET_STATUS status,
                               void*) noexcept {
    const bool readable = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
    if (!readable || has_expired_peer(session))
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS_RENEW ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
}

} // namespace

std::shared_ptr<const tls_server_context> tls_server_context::load(const tls_server_options& options,
                                                                   std::shared_ptr<ticket_keys> keys, std::time_t now) {
    const empty_error_queue errors; // also clears the errors of destructors when this throws
    if (!keys)
        keys = std::make_shared<ticket_keys>(std::chrono::steady_clock::now());
    return std::shared_ptr<const tls_server_context>{new tls_server_context{options, std::move(keys), now}};
}

tls_server_context::tls_server_context(const tls_server_options& options, std::shared_ptr<ticket_keys> keys,
                                       std::time_t now)
    : options_{options}, keys_{std::move(keys)}, alpn_{encode_alpn(options.alpn)} {
    if (options.certificates.empty())
        throw std::invalid_argument{"a TLS listener needs a certificate: tls_server_options::certificates is empty"};
    if (options.clients != client_certificate::none && options.client_ca_file.empty())
        throw std::invalid_argument{
            "client certificates need an issuer: name one by tls_server_options::client_ca_file"};
    if (options.clients == client_certificate::none && !options.client_ca_file.empty())
        throw std::invalid_argument{"tls_server_options::client_ca_file has no effect unless clients are asked for "
                                    "certificates; set tls_server_options::clients"};
    std::vector<x509_ptr> client_issuers;
    if (options.clients != client_certificate::none)
        client_issuers = load_certificates(options.client_ca_file);
    for (const tls_certificate& each : options.certificates)
        add(each, client_issuers, now);
}

void tls_server_context::add(const tls_certificate& files, const std::vector<x509_ptr>& client_issuers,
                             std::time_t now) {
    const loaded_certificate loaded = load_certificate(files, now);
    const empty_error_queue errors;
    SSL_CTX* const context = contexts_.emplace_back(make_tls_context(TLS_server_method(), options_.min_version)).get();
    use_certificate(context, loaded, files);
    use_ticket_keys(context, *keys_);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                          reinterpret_cast<void (*)()>(accept_server_name)); // as OpenSSL's macro does
    if (!alpn_.empty())
        SSL_CTX_set_alpn_select_cb(context, choose_alpn, const_cast<std::vector<unsigned char>*>(&alpn_)); // only read
    demand_client_certificates(context, client_issuers);
    for (const std::string& name : loaded.names) { // the first certificate with a name is used
        if (name.starts_with("*."))
            by_parent_.emplace(name.substr(1), context);
        else
            by_name_.emplace(name, context);
    }
}

// A session that was made under other demands is not resumed, so a client cannot avoid the certificate that it
// needs now.
void tls_server_context::demand_client_certificates(SSL_CTX* context, const std::vector<x509_ptr>& issuers) const {
    std::string demands = std::to_string(static_cast<int>(options_.clients));
    if (options_.clients != client_certificate::none) {
        X509_STORE* const store = SSL_CTX_get_cert_store(context);
        X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN); // a named certificate is trusted even if it is no root
        for (const x509_ptr& issuer : issuers) {
            if (X509_STORE_add_cert(store, issuer.get()) != 1 || SSL_CTX_add_client_CA(context, issuer.get()) != 1)
                throw std::bad_alloc{};
            demands += fingerprint_of(issuer.get());
        }
        const int required = options_.clients == client_certificate::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, ssl_owner::on_verified);
        if (SSL_CTX_set_session_ticket_cb(context, nullptr, judge_ticket, nullptr) != 1)
            throw std::bad_alloc{};
    }
    unsigned char id[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(demands.data(), demands.size(), id, &size, EVP_sha256(), nullptr) != 1 ||
        SSL_CTX_set_session_id_context(context, id, size) != 1)
        throw std::bad_alloc{};
}

SSL_CTX* tls_server_context::choose(std::string_view server_name) const noexcept {
    if (const auto exact = by_name_.find(server_name); exact != by_name_.end())
        return exact->second;
    const std::size_t dot = server_name.find('.');
    if (dot == 0 || dot == std::string_view::npos)
        return contexts_.front().get();
    const auto wildcard = by_parent_.find(server_name.substr(dot)); // ".example"
    return wildcard != by_parent_.end() ? wildcard->second : contexts_.front().get();
}

} // namespace fairlead
