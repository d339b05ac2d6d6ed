#pragma once

#include "core/recent_map.hpp"
#include "tls/openssl.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace fairlead {

/// The newest session of each server, with which a client resumes. Of a thousand servers; an older one is forgotten.
///
/// Thread safety: any thread.
class tls_session_cache {
public:
    /// Keeps `session`, whose reference it takes over.
    void put(const std::string& server, ssl_session_ptr session) {
        const std::shared_ptr<SSL_SESSION> shared{std::move(session)};
        const std::lock_guard lock{mutex_};
        sessions_.put(server, shared);
    }

    /// Returns null if there is none that can be resumed.
    std::shared_ptr<SSL_SESSION> find(const std::string& server) {
        const std::lock_guard lock{mutex_};
        auto found = sessions_.find(server).value_or(nullptr);
        return found && SSL_SESSION_is_resumable(found.get()) == 1 ? found : nullptr;
    }

private:
    std::mutex mutex_;
    recent_map<std::string, std::shared_ptr<SSL_SESSION>> sessions_{1'000};
};

} // namespace fairlead
