#pragma once

#include "tls/openssl.hpp"
#include "tls/session_cache.hpp"

#include <fairlead/tls.hpp>

#include <ctime>
#include <memory>
#include <string>

namespace fairlead {

/// The trust and the settings of the TLS connections of a client, and the sessions with which they resume. All
/// shards share it.
///
/// Thread safety: any thread.
class tls_client_context {
public:
    /// Reads and checks all files.
    ///
    /// Errors: throws std::invalid_argument that names the option or the file, the fault and the remedy.
    static std::shared_ptr<const tls_client_context> load(const tls_client_options& options,
                                                          std::time_t now = std::time(nullptr));

    tls_client_context(const tls_client_context&) = delete;
    tls_client_context& operator=(const tls_client_context&) = delete;

    /// Makes a connection that asks for `host`, a name or an IP address, and verifies it. The connection
    /// resumes a session that is kept for `server`, if there is one.
    ///
    /// Errors: throws std::bad_alloc; std::invalid_argument for a host that cannot be one.
    ssl_ptr make_ssl(const std::string& host, const std::string& server) const;

    /// Returns the sessions that servers have given. The key must distinguish hosts, and servers of one host.
    tls_session_cache& sessions() const noexcept { return sessions_; }
    const tls_client_options& options() const noexcept { return options_; }

private:
    tls_client_context(const tls_client_options& options, std::time_t now);

    const tls_client_options options_;
    ssl_ctx_ptr context_;
    mutable tls_session_cache sessions_;
};

} // namespace fairlead
