#pragma once

#include "nats/nats_servers.hpp"

#include <fairlead/nats.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <nats/nats.h>
#include <string>

namespace fairlead {

/// Throws std::invalid_argument for options that cannot work.
void validate(const nats_options& options);

/// Returns true if a connection with these options is encrypted.
bool uses_tls(const nats_server& server, const nats_options& options) noexcept;

/// The options of nats.c for each server. Making them takes a tenth of a second, because OpenSSL reads the
/// certificates that the system trusts.
///
/// Thread safety: one thread at a time.
class nats_settings {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit nats_settings(const nats_options& options) : options_{options} {}

    /// Returns the options for a server, valid until the next call. Certificates are read again after half a
    /// minute. Errors: throws std::invalid_argument if a file cannot be used.
    natsOptions* find(const nats_server& server, time_point now);

private:
    struct deleter {
        void operator()(natsOptions* options) const noexcept { natsOptions_Destroy(options); }
    };
    using owned = std::unique_ptr<natsOptions, deleter>;
    struct entry {
        owned options;
        time_point made;
    };

    owned make(const nats_server& server) const;

    const nats_options options_;
    std::map<std::string, entry> entries_; // by the address of the server, or one for all without TLS
};

} // namespace fairlead
