#pragma once

#include "core/token_bucket.hpp"
#include "tls/secure_stream.hpp"

#include <fairlead/tls.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace fairlead {

/// What the TLS handshakes of a listener have in common, on all shards.
///
/// Thread safety: any thread.
class tls_rules {
public:
    /// Reads and checks all files. Errors: throws std::invalid_argument.
    explicit tls_rules(const tls_server_options& options)
        : timeout_{options.handshake_timeout}, most_{options.max_handshakes}, context_{load_server_tls(options)},
          rate_{options.handshakes_per_second} {}

    /// The right of one handshake to use time and memory; free again once this goes.
    class place {
    public:
        explicit place(tls_rules& of) noexcept : of_{&of} {}
        place(place&& other) noexcept : of_{std::exchange(other.of_, nullptr)} {}
        place& operator=(place&&) = delete;
        ~place() {
            if (of_)
                of_->leave();
        }

    private:
        tls_rules* of_;
    };

    /// The certificates for a handshake that begins now.
    std::shared_ptr<const tls_server_context> context() const {
        const std::lock_guard lock{mutex_};
        return context_;
    }
    std::chrono::milliseconds timeout() const noexcept { return timeout_; }

    /// Reads the files again, for handshakes that begin from now on. Errors: as the constructor; then nothing changes.
    void reload() {
        const std::lock_guard one_at_a_time{reload_mutex_}; // files that were read earlier do not replace later ones
        auto next = reload_server_tls(*context());
        const std::lock_guard lock{mutex_};
        context_.swap(next);
    }

    /// Returns nothing if as many handshakes are under way, or have begun lately, as there may be.
    std::optional<place> enter(std::chrono::steady_clock::time_point now) {
        const std::lock_guard lock{mutex_};
        if ((most_ != 0 && under_way_ >= most_) || !rate_.ready(now))
            return {};
        rate_.take();
        ++under_way_;
        return std::optional<place>{*this};
    }

private:
    void leave() noexcept {
        const std::lock_guard lock{mutex_};
        --under_way_;
    }

    const std::chrono::milliseconds timeout_;
    const std::size_t most_;
    std::mutex reload_mutex_;
    mutable std::mutex mutex_; // for what follows
    std::shared_ptr<const tls_server_context> context_;
    std::size_t under_way_ = 0;
    token_bucket rate_;
};

} // namespace fairlead
