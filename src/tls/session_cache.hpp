#pragma once

#include "core/recent_map.hpp"
#include "tls/openssl.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace fairlead {

/// The sessions with which a client resumes: the newest few of each of a thousand servers.
///
/// A session of TLS 1.3 is used once (RFC 8446, section C.4), one of TLS 1.2 again and again. Each connection
/// gets a copy, because OpenSSL changes a session while its connection lives.
///
/// Errors: throws std::bad_alloc. Thread safety: any thread.
class tls_session_cache {
public:
    void put(const std::string& server, SSL_SESSION* session) {
        ssl_session_ptr copy{not_null(SSL_SESSION_dup(session))};
        const std::lock_guard lock{mutex_};
        auto kept = sessions_.find(server).value_or(nullptr);
        if (!kept)
            sessions_.put(server, kept = std::make_shared<sessions>());
        if (kept->size() == most_of_one_server)
            kept->erase(kept->begin());
        kept->push_back(std::move(copy));
    }

    /// Returns null if there is none.
    ssl_session_ptr take(const std::string& server) {
        const std::lock_guard lock{mutex_};
        const auto kept = sessions_.find(server).value_or(nullptr);
        if (!kept || kept->empty())
            return nullptr;
        if (SSL_SESSION_get_protocol_version(kept->back().get()) < TLS1_3_VERSION)
            return ssl_session_ptr{not_null(SSL_SESSION_dup(kept->back().get()))};
        ssl_session_ptr taken = std::move(kept->back());
        kept->pop_back();
        return taken;
    }

private:
    using sessions = std::vector<ssl_session_ptr>; // the newest last
    static constexpr std::size_t most_of_one_server = 8;

    std::mutex mutex_;
    recent_map<std::string, std::shared_ptr<sessions>> sessions_{1'000};
};

} // namespace fairlead
