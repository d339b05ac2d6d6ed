#include "client_tls.hpp"

#include "tls_options.hpp"

#include <fairlead/url.hpp>

#include <iostream>
#include <stdexcept>

namespace fairlead::command {

namespace {

void require_names(const std::vector<std::string>& urls, const std::string& prefix) {
    for (const std::string& each : urls) {
        const url address = url::parse(each);
        if (address.tls && address.transport == transport::unix_stream)
            throw std::invalid_argument{each +
                                        " has no host whose certificate could be verified; give the name that is "
                                        "in the certificate with --" +
                                        prefix + "server-name"};
    }
}

} // namespace

tls_client_options client_tls::checked(const std::vector<std::string>& urls) const {
    if (!uses_tls(urls, given))
        return {};
    if (certificate.chain_file.empty() != certificate.key_file.empty())
        throw std::invalid_argument{"a certificate needs its key; give both --" + prefix + "certificate and --" +
                                    prefix + "key"};
    if (rest.accept_any_certificate && !rest.ca_file.empty())
        throw std::invalid_argument{"--" + prefix + "ca says which certificates to trust, and --" + prefix +
                                    "insecure to trust all; leave out one of them"};
    if (rest.server_name.empty() && !rest.accept_any_certificate)
        require_names(urls, prefix);
    tls_client_options how = rest;
    if (!certificate.chain_file.empty())
        how.certificate = certificate;
    return how;
}

tls_client_options client_tls::settings(const std::vector<std::string>& urls) const {
    tls_client_options how = checked(urls);
    warn(how);
    return how;
}

void client_tls::warn(const tls_client_options& how) const {
    if (how.accept_any_certificate)
        std::cerr << "fairlead: WARNING: with --" + prefix +
                         "insecure no certificate is verified: an attacker on the way to the server can read and "
                         "change everything\n";
}

std::vector<std::string> client_tls::files() const {
    std::vector<std::string> all;
    for (const std::string& each : {rest.ca_file, certificate.chain_file, certificate.key_file}) {
        if (!each.empty())
            all.push_back(each);
    }
    return all;
}

void add_client_tls(CLI::App& command, client_tls& options) {
    const auto add_file = [&](const std::string& name, std::string& target, const std::string& description) {
        note_given(command.add_option(name, target, description)->type_name("FILE"), options.given);
    };
    add_file("--" + options.prefix + "ca", options.rest.ca_file,
             "TLS: trust the certificates of these issuers (PEM); default:\nthose of the system");
    note_given(
        command
            .add_option("--" + options.prefix + "server-name", options.rest.server_name,
                        "TLS: the name that the certificate of the server must have;\ndefault: the host of the URL")
            ->type_name("NAME"),
        options.given);
    add_file("--" + options.prefix + "certificate", options.certificate.chain_file,
             "TLS: a certificate for servers that ask for one, then those of\nits issuers (PEM)");
    add_file("--" + options.prefix + "key", options.certificate.key_file,
             "TLS: the private key of the certificate (PEM)");
    add_tls_terms(command, options.prefix, options.rest.min_version, options.rest.alpn, options.given);
    note_given(
        command.add_flag("--" + options.prefix + "insecure", options.rest.accept_any_certificate,
                         "TLS: accept every certificate: an attacker on the way to the server\ncan read and change "
                         "everything; for tests"),
        options.given);
}

} // namespace fairlead::command
