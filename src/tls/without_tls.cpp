// Replaces the use of OpenSSL in a build without TLS.

#include "core/missing_library.hpp"
#include "tls/secure_stream.hpp"

namespace fairlead {

namespace {

[[noreturn]] void refuse() {
    refuse_without("TLS", "OpenSSL 3.0", "libssl-dev", "FAIRLEAD_TLS");
}

} // namespace

std::shared_ptr<const tls_server_context> load_server_tls(const tls_server_options&, const std::string&) {
    refuse();
}

std::string export_ticket_keys(const tls_server_context&) {
    refuse();
}

void validate(const tls_server_options&) {
    refuse();
}

std::shared_ptr<const tls_server_context> reload_server_tls(const tls_server_context&) {
    refuse();
}

std::shared_ptr<const tls_client_context> load_client_tls(const tls_client_options&) {
    refuse();
}

std::unique_ptr<secure_stream> accept_tls(shard_core&, std::unique_ptr<stream>,
                                          std::shared_ptr<const tls_server_context>) {
    refuse();
}

std::unique_ptr<secure_stream> connect_tls(shard_core&, std::unique_ptr<stream>,
                                           std::shared_ptr<const tls_client_context>, const std::string&,
                                           const std::string&) {
    refuse();
}

} // namespace fairlead
