#pragma once

#include "proxy/proxy_header.hpp"

namespace fairlead {

// The first bytes of a header, which identify its version.

constexpr std::string_view proxy_signature_v1{"PROXY "};
constexpr std::string_view proxy_signature_v2{"\r\n\r\n\0\r\nQUIT\n", 12};

proxy_progress read_proxy_v1(bytes_view received);
proxy_progress read_proxy_v2(bytes_view received, proxy_carrier carrier);
std::string encode_proxy_v1(const std::optional<proxied_connection>& connection);

} // namespace fairlead
