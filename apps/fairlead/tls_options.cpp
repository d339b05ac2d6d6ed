#include "tls_options.hpp"

#include "options.hpp"
#include "quantity.hpp"

#include <fairlead/url.hpp>

#include <algorithm>
#include <stdexcept>

namespace fairlead::command {

namespace {

bool is_of_tls(const std::string& text) {
    return url::parse(text).tls;
}

CLI::Option* add_files(CLI::App& command, const std::string& name, std::vector<std::string>& target, std::string& given,
                       const std::string& description) {
    CLI::Option* const added = command.add_option(name, target, description);
    return note_given(added->type_name("FILE")->take_all()->allow_extra_args(false), given);
}

} // namespace

bool uses_tls(const std::vector<std::string>& urls, const std::string& given) {
    const auto secure = std::find_if(urls.begin(), urls.end(), is_of_tls);
#ifndef FAIRLEAD_TLS
    if (secure != urls.end() || !given.empty())
        throw std::invalid_argument{
            (given.empty() ? *secure : given) +
            " needs TLS, and this build of fairlead has none; install OpenSSL 3.0 (on Debian libssl-dev) and build it "
            "again without -DFAIRLEAD_TLS=OFF"};
#endif
    if (secure == urls.end() && !given.empty())
        throw std::invalid_argument{
            given + " is for TLS, and " + urls.front() +
            " is not; write tls://HOST:PORT, tls+unix:///PATH or wss://HOST:PORT/PATH, or leave it out"};
    return secure != urls.end();
}

tls_server_options tls_options::settings(const std::vector<std::string>& urls) const {
    if (!uses_tls(urls, given))
        return {};
    if (certificates.empty() && keys.empty())
        throw std::invalid_argument{*std::find_if(urls.begin(), urls.end(), is_of_tls) +
                                    " needs a certificate and its key; name their PEM files with --tls-certificate and "
                                    "--tls-key"};
    if (certificates.size() != keys.size())
        throw std::invalid_argument{count(certificates.size(), "certificate", "certificates") + " and " +
                                    count(keys.size(), "key", "keys") +
                                    " are given; give each --tls-certificate its --tls-key, in the same order"};
    if (!client_certificate.empty() && rest.client_ca_file.empty())
        throw std::invalid_argument{
            "--tls-client-certificate asks clients for certificates; name the file of their issuers with "
            "--tls-client-ca"};
    tls_server_options how = rest;
    for (std::size_t i = 0; i < certificates.size(); ++i)
        how.certificates.push_back({certificates[i], keys[i]});
    if (!how.client_ca_file.empty())
        how.clients = client_certificate == "optional" ? fairlead::client_certificate::optional
                                                       : fairlead::client_certificate::required;
    return how;
}

std::vector<std::string> tls_options::files() const {
    std::vector<std::string> all = certificates;
    all.insert(all.end(), keys.begin(), keys.end());
    if (!rest.client_ca_file.empty())
        all.push_back(rest.client_ca_file);
    return all;
}

CLI::Option* note_given(CLI::Option* option, std::string& given) {
    return refuse_empty(option)->each([&given, name = option->get_name()](const std::string&) {
        if (given.empty())
            given = name;
    });
}

void add_tls_terms(CLI::App& command, const std::string& prefix, tls_version& min_version,
                   std::vector<std::string>& alpn, std::string& given) {
    const auto set_version = [&min_version](const std::string& text) {
        min_version = text == "1.3" ? tls_version::v1_3 : tls_version::v1_2;
    };
    note_given(command
                   .add_option_function<std::string>("--" + prefix + "min", set_version,
                                                     "TLS: the oldest version that is allowed: 1.2 or 1.3")
                   ->check(CLI::IsMember({"1.2", "1.3"}))
                   ->type_name("VERSION")
                   ->default_str("1.2"),
               given);
    note_given(
        command
            .add_option("--" + prefix + "alpn", alpn,
                        "TLS: names of application protocols (ALPN), most preferred\nfirst, such as echo/2,echo/1")
            ->delimiter(',')
            ->type_name("NAME,...")
            ->take_all()
            ->allow_extra_args(false),
        given);
}

void add_tls_options(CLI::App& command, tls_options& options) {
    tls_server_options& to = options.rest;
    std::string& given = options.given;
    add_files(command, "--tls-certificate", options.certificates, given,
              "TLS: the certificate, then those of its issuers (PEM); may be\nrepeated with a key each, for several "
              "names: a client gets\nthe one for the name that it asks for, else the first");
    add_files(command, "--tls-key", options.keys, given, "TLS: the private key of the certificate (PEM)");
    note_given(command
                   .add_option("--tls-client-ca", to.client_ca_file,
                               "TLS: ask clients for a certificate of these issuers (PEM)")
                   ->type_name("FILE"),
               given);
    note_given(command
                   .add_option("--tls-client-certificate", options.client_certificate,
                               "TLS: required: refuse clients without a certificate; optional:\nrefuse only those with "
                               "an invalid one; default: required with\n--tls-client-ca")
                   ->check(CLI::IsMember({"required", "optional"}))
                   ->type_name("DEMAND"),
               given);
    add_tls_terms(command, "tls-", to.min_version, to.alpn, given);
    note_given(add_duration(command, "--tls-handshake-timeout", to.handshake_timeout,
                            "TLS: from the connection to the end of the handshake; 0: no\nlimit"),
               given);
    note_given(add_count(command, "--tls-max-handshakes", to.max_handshakes,
                         "TLS: handshakes at one time, for each listener; others wait;\n0: any number"),
               given);
    note_given(add_count(command, "--tls-handshake-rate", to.handshakes_per_second,
                         "TLS: handshakes a second, for each listener; others wait;\n0: any number"),
               given);
}

} // namespace fairlead::command
