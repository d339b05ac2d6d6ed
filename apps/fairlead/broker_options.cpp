#include "broker_options.hpp"

#include "options.hpp"

#include <fairlead/nats.hpp>

#include <stdexcept>

namespace fairlead::command {

namespace {

std::shared_ptr<topic_bridge> connection_to(const std::string& url, const nats_options& options) {
    try {
        return nats(url, options);
    } catch (const std::invalid_argument& refused) {
        throw std::invalid_argument{"--topics: " + std::string{refused.what()}};
    }
}

} // namespace

void broker_settings::check() const {
    if (!url.empty())
        connection_to(url, {});
    else if (*this != broker_settings{})
        throw std::invalid_argument{
            "--topics is required with --topics-credentials and the other options of the broker: its URL"};
}

std::shared_ptr<topic_bridge> broker_settings::make() const {
    if (url.empty())
        return nullptr;
    return connection_to(url, {.credentials_file = credentials_file,
                               .ca_file = ca_file,
                               .chain_file = chain_file,
                               .key_file = key_file,
                               .server_name = server_name});
}

std::vector<std::string> broker_settings::files() const {
    std::vector<std::string> all;
    for (const std::string& each : {credentials_file, ca_file, chain_file, key_file}) {
        if (!each.empty())
            all.push_back(each);
    }
    return all;
}

void add_broker_options(CLI::App& command, broker_settings& options) {
    const auto add = [&](const std::string& name, std::string& target, const std::string& type,
                         const std::string& description) {
        refuse_empty(command.add_option(name, target, wrapped(description)))->type_name(type);
    };
    add("--topics", options.url, "URL",
        "share the rooms with other processes over this broker: nats://HOST:PORT, or tls://HOST:PORT; docs/scaling.md");
    add("--topics-credentials", options.credentials_file, "FILE",
        "the user's JWT and seed for the broker, as nsc writes them");
    add("--topics-tls-ca", options.ca_file, "FILE",
        "TLS: trust the certificates of these issuers (PEM); default: those of the system");
    add("--topics-tls-server-name", options.server_name, "NAME",
        "TLS: the name that the certificate of the broker must have; default: the host of the URL");
    add("--topics-tls-certificate", options.chain_file, "FILE",
        "TLS: a certificate for a broker that asks for one, then those of its issuers (PEM)");
    add("--topics-tls-key", options.key_file, "FILE", "TLS: the private key of the certificate (PEM)");
}

} // namespace fairlead::command
