#pragma once

#include "server/handshake_places.hpp"
#include "tls/secure_stream.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/tls.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace fairlead {

/// The settings that all TLS handshakes of a listener share, on all shards.
///
/// Thread safety: any thread.
class tls_rules {
public:
    using refusal_handler = std::function<void(const endpoint&, std::string_view)>;

    /// Reads and checks all files. For `on_refused` see `server_options`. `ticket_keys` are those of another
    /// process; empty: new ones. Errors: throws std::invalid_argument.
    explicit tls_rules(const tls_server_options& options, refusal_handler on_refused = {},
                       const std::string& ticket_keys = {})
        : options_{options}, timeout_{options.handshake_timeout}, on_refused_{std::move(on_refused)},
          places_{options.max_handshakes, options.handshakes_per_second}, context_{
                                                                              load_server_tls(options, ticket_keys)} {}

    /// True if these are the options that it was made with.
    bool is_made_with(const tls_server_options& options) const { return options_ == options; }

    /// Returns the certificates for a handshake that begins now.
    std::shared_ptr<const tls_server_context> context() const {
        const std::lock_guard lock{mutex_};
        return context_;
    }
    std::chrono::milliseconds timeout() const noexcept { return timeout_; }
    handshake_places& places() noexcept { return places_; }

    /// Calls `on_refused`, if there is one. Errors: throws its exceptions.
    void note_refusal(const endpoint& remote, std::string_view why) const {
        if (on_refused_)
            on_refused_(remote, why);
    }

    /// Reads the files again, for handshakes that begin from now on. Errors: as the constructor; then nothing changes.
    void reload() {
        const std::lock_guard one_at_a_time{reload_mutex_}; // files that were read earlier do not replace later ones
        auto next = reload_server_tls(*context());
        const std::lock_guard lock{mutex_};
        context_.swap(next);
    }

private:
    const tls_server_options options_;
    const std::chrono::milliseconds timeout_;
    const refusal_handler on_refused_;
    handshake_places places_;
    std::mutex reload_mutex_;
    mutable std::mutex mutex_; // for the context
    std::shared_ptr<const tls_server_context> context_;
};

} // namespace fairlead
