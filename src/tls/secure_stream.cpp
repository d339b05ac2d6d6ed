#include "tls/secure_stream.hpp"

#include "tls/tls_stream.hpp"

#include <chrono>
#include <utility>

namespace fairlead {

std::shared_ptr<const tls_server_context> load_server_tls(const tls_server_options& options,
                                                          const std::string& ticket_keys) {
    const auto now = std::chrono::steady_clock::now();
    return tls_server_context::load(
        options, ticket_keys.empty() ? nullptr : std::make_shared<fairlead::ticket_keys>(ticket_keys, now));
}

std::string export_ticket_keys(const tls_server_context& of) {
    return of.keys()->to_text(std::chrono::steady_clock::now());
}

void validate(const tls_server_options& options) {
    load_server_tls(options);
}

std::shared_ptr<const tls_server_context> reload_server_tls(const tls_server_context& present) {
    return tls_server_context::load(present.options(), present.keys());
}

std::shared_ptr<const tls_client_context> load_client_tls(const tls_client_options& options) {
    return tls_client_context::load(options);
}

std::unique_ptr<secure_stream> accept_tls(shard_core& shard, std::unique_ptr<stream> inner,
                                          std::shared_ptr<const tls_server_context> context) {
    return tls_stream::accept(shard, std::move(inner), std::move(context));
}

std::unique_ptr<secure_stream> connect_tls(shard_core& shard, std::unique_ptr<stream> inner,
                                           std::shared_ptr<const tls_client_context> context, const std::string& host,
                                           const std::string& server) {
    return tls_stream::connect(shard, std::move(inner), std::move(context), host, server);
}

} // namespace fairlead
