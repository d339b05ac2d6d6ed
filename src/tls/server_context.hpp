#pragma once

#include "tls/openssl.hpp"
#include "tls/ticket_keys.hpp"

#include <fairlead/tls.hpp>

#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

/// The certificates and the settings of a TLS listener. It never changes, so all shards share it. To reload
/// certificates, make another one with the ticket keys of this one. Sessions keep the one with which they
/// began.
///
/// Thread safety: any thread.
class tls_server_context {
public:
    /// Reads and checks all files. `keys` is empty for new ones.
    ///
    /// Errors: throws std::invalid_argument that names the option or the file, the fault and the remedy.
    static std::shared_ptr<const tls_server_context> load(const tls_server_options& options,
                                                          std::shared_ptr<ticket_keys> keys = {},
                                                          std::time_t now = std::time(nullptr));

    tls_server_context(const tls_server_context&) = delete;
    tls_server_context& operator=(const tls_server_context&) = delete;

    /// Returns the context for the name of a server, in lower case: that of the certificate with this name,
    /// else that of the one with a wildcard for the first label, else the first.
    SSL_CTX* choose(std::string_view server_name) const noexcept;

    const std::shared_ptr<ticket_keys>& keys() const noexcept { return keys_; }
    const tls_server_options& options() const noexcept { return options_; }

private:
    tls_server_context(const tls_server_options& options, std::shared_ptr<ticket_keys> keys, std::time_t now);

    void add(const tls_certificate& files, const std::vector<x509_ptr>& client_issuers, std::time_t now);
    void demand_client_certificates(SSL_CTX* context, const std::vector<x509_ptr>& issuers) const;

    const tls_server_options options_;
    const std::shared_ptr<ticket_keys> keys_;
    std::vector<unsigned char> alpn_;
    std::vector<ssl_ctx_ptr> contexts_; // one for each certificate
    std::map<std::string, SSL_CTX*, std::less<>> by_name_;
    std::map<std::string, SSL_CTX*, std::less<>> by_parent_; // of wildcards: ".example"
};

} // namespace fairlead
