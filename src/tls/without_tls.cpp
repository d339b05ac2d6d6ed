// In place of TLS, in a build without it.

#include "tls/secure_stream.hpp"

#include <stdexcept>

namespace fairlead {

namespace {

[[noreturn]] void refuse() {
    throw std::invalid_argument{
        "this build of Fairlead has no TLS; install OpenSSL 3.0 (on Debian libssl-dev) and build again without "
        "-DFAIRLEAD_TLS=OFF"};
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
