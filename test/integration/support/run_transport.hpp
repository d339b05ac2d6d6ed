#pragma once

#include <fairlead/server.hpp>

#include <cstdlib>
#include <string>
#include <string_view>

namespace fairlead::test {

/// Whether support/over_tls.py has started the program.
inline bool runs_over_tls() noexcept {
    return std::getenv("FAIRLEAD_TEST_OVER_TLS") != nullptr;
}

/// Where tests listen that do not care: over TCP, or over TLS in a run by support/over_tls.py.
inline std::string free_port() {
    return runs_over_tls() ? "tls://127.0.0.1:0" : "tcp://127.0.0.1:0";
}

/// The certificate of a run over TLS for its listeners; nothing for others.
inline listen_options listening_at(std::string_view where) {
    const char* const folder = std::getenv("FAIRLEAD_TEST_OVER_TLS");
    if (!folder || !where.starts_with("tls://"))
        return {};
    const std::string path = folder;
    return {.tls = {.certificates = {{path + "/server.pem", path + "/server.key"}}}};
}

} // namespace fairlead::test
