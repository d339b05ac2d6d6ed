#pragma once

#include <fairlead/bytes.hpp>

#include <stdexcept>
#include <string>

namespace fairlead {

/// Returns the name by which a server is requested and verified: without the dot at its end, as in RFC 6066,
/// section 3.
///
/// Errors: throws std::invalid_argument for a name that no server can have. OpenSSL would accept all names
/// below one that begins with a dot, and would ignore the part of a name behind a zero byte.
inline std::string checked_server_name(std::string name) {
    const std::string given = name;
    if (name.ends_with('.'))
        name.pop_back();
    if (name.empty() || name.size() > 255 || name.front() == '.' || name.find('\0') != std::string::npos)
        throw std::invalid_argument{
            "TLS cannot verify a server by the name '" + escape(given) +
            "': a name has 1 to 255 bytes, none of them zero, and no dot at its beginning; name "
            "one by tls_client_options::server_name"};
    return name;
}

} // namespace fairlead
