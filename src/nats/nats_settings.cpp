#include "nats/nats_settings.hpp"

#include "log/log.hpp"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace fairlead {

namespace {

constexpr std::chrono::seconds age_of_certificates{30};
constexpr int pings_without_answer = 2;
constexpr std::int64_t write_deadline_ms = 10'000; // with TLS, where a thread writes

void on_error(natsConnection* connection, natsSubscription*, natsStatus status, void*) {
    if (status == NATS_CONNECTION_AUTH_FAILED)
        return; // it ends the connection, which is logged
    const char* words = nullptr;
    if (status == NATS_NOT_PERMITTED && natsConnection_GetLastError(connection, &words) == status && words && *words)
        log_warning(log_topic::message_dropped,
                    std::string{"NATS: "} + words + "; the user needs the rights to publish and to subscribe to it");
    else
        log_warning(log_topic::message_dropped, std::string{"NATS: "} + natsStatus_GetText(status));
}

void require_ok(natsStatus status, const std::string& setting) {
    if (status == NATS_OK)
        return;
    const char* const words = nats_GetLastError(nullptr);
    throw std::invalid_argument{"NATS: cannot use " + setting + ": " +
                                (words && *words ? words : natsStatus_GetText(status))};
}

void check_file(const std::string& name) {
    if (!name.empty() && ::access(name.c_str(), R_OK) != 0)
        throw std::invalid_argument{"NATS: cannot read '" + name + "': " + std::generic_category().message(errno)};
}

// Checks the file that nats.c reads at each attempt to connect. nats.c would use a file without a JWT as one,
// and the broker would refuse it.
void check_credentials(const std::string& name) {
    check_file(name);
    std::string text(std::size_t{64} << 10, '\0');
    std::ifstream file{name, std::ios::binary};
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    const auto has_line = [lines = '\n' + text](std::string_view begin) {
        return lines.find('\n' + std::string{begin}) != std::string::npos;
    };
    const auto require = [&](bool found, const std::string& part) {
        if (!found)
            throw std::invalid_argument{
                "NATS: '" + name + "' has no " + part +
                " of a user; give the file that 'nsc generate creds' writes, which has both the "
                "JWT and the seed"};
    };
    require(has_line("eyJ"), "JWT"); // which is base64 of JSON
    require(has_line("SU"), "seed");
}

void apply_tls(natsOptions* to, const nats_server& server, const nats_options& options) {
    require_ok(natsOptions_SetSecure(to, true), "TLS");
    if (!options.ca_file.empty())
        require_ok(natsOptions_LoadCATrustedCertificates(to, options.ca_file.c_str()), "'" + options.ca_file + "'");
    if (!options.chain_file.empty())
        require_ok(natsOptions_LoadCertificatesChain(to, options.chain_file.c_str(), options.key_file.c_str()),
                   "'" + options.chain_file + "' with '" + options.key_file + "'");
    const std::string name = options.server_name.empty() ? server.host() : options.server_name;
    require_ok(natsOptions_SetExpectedHostname(to, name.c_str()), "the name '" + name + "'");
    require_ok(natsOptions_SetWriteDeadline(to, write_deadline_ms), "the write deadline");
}

// Prevents TLS: nats.c would use it if the broker asks for it, and then block the shard.
void apply_no_tls(natsOptions* to) {
    require_ok(natsOptions_SetExpectedHostname(to, "write-tls-in-the-url.invalid"), "the name");
    require_ok(natsOptions_SetSendAsap(to, true), "SendAsap");
}

} // namespace

bool uses_tls(const nats_server& server, const nats_options& options) noexcept {
    return server.tls || !options.ca_file.empty() || !options.chain_file.empty() || !options.server_name.empty();
}

natsOptions* nats_settings::find(const nats_server& server, time_point now) {
    const bool tls = uses_tls(server, options_);
    entry& found = entries_[tls ? server.address : std::string{}];
    if (!found.options || (tls && now - found.made >= age_of_certificates))
        found = {make(server), now};
    require_ok(natsOptions_SetURL(found.options.get(), ("nats://" + server.user + server.address).c_str()), "the URL");
    return found.options.get();
}

nats_settings::owned nats_settings::make(const nats_server& server) const {
    natsOptions* made = nullptr;
    require_ok(natsOptions_Create(&made), "its library");
    owned result{made};
    require_ok(natsOptions_SetName(made, options_.name.c_str()), "the name");
    require_ok(natsOptions_SetTimeout(made, options_.connect_timeout.count()), "the connect timeout");
    require_ok(natsOptions_SetAllowReconnect(made, false), "AllowReconnect"); // the bridge connects again
    require_ok(natsOptions_SetNoEcho(made, true), "NoEcho");
    require_ok(natsOptions_SetPingInterval(made, options_.ping_interval.count()), "the ping interval");
    require_ok(natsOptions_SetMaxPingsOut(made, pings_without_answer), "MaxPingsOut");
    require_ok(natsOptions_UseGlobalMessageDelivery(made, true),
               "GlobalMessageDelivery"); // else a thread for each topic
    require_ok(natsOptions_SetErrorHandler(made, on_error, nullptr), "the error handler");
    if (!options_.credentials_file.empty())
        require_ok(natsOptions_SetUserCredentialsFromFiles(made, options_.credentials_file.c_str(), nullptr),
                   "'" + options_.credentials_file + "'");
    if (uses_tls(server, options_))
        apply_tls(made, server, options_);
    else
        apply_no_tls(made);
    return result;
}

void validate(const nats_options& options) {
    if (!options.credentials_file.empty())
        check_credentials(options.credentials_file);
    check_file(options.ca_file);
    check_file(options.chain_file);
    check_file(options.key_file);
    if (options.chain_file.empty() != options.key_file.empty())
        throw std::invalid_argument{"NATS: chain_file and key_file go together; give both or none"};
    if (options.connect_timeout.count() <= 0 || options.ping_interval.count() <= 0)
        throw std::invalid_argument{"NATS: connect_timeout and ping_interval are times above 0"};
    if (options.max_outgoing == 0 || options.max_incoming == 0)
        throw std::invalid_argument{"NATS: max_outgoing and max_incoming are numbers of bytes above 0"};
}

} // namespace fairlead
