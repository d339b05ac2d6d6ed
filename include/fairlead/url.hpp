#pragma once

#include <fairlead/api.hpp>
#include <fairlead/endpoint.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// Where to listen or to connect, as people write it.
///
///     tcp://127.0.0.1:9000   tcp://[::1]:9000   tcp://localhost:0     port 0 asks for a free one when listening
///     udp://0.0.0.0:9000     udp://239.255.0.1:9000                   a group of multicast is joined when listening
///     tcp://[fe80::1%25eth0]:9000   udp://[ff02::1234%25eth0]:9000    the zone names the interface (RFC 6874)
///     unix:///run/echo.sock                                           a file, by its absolute path
///     unix://@echo                                                    a name without a file (abstract, unix(7))
struct url {
    fairlead::transport transport = transport::tcp; ///< how bytes or messages travel
    std::string host = {};  ///< of TCP and UDP: a name or an address, without the brackets of IPv6: `fe80::1%eth0`
    std::uint16_t port = 0; ///< of TCP and UDP
    std::string path = {};  ///< of a Unix socket: what stands behind `unix://`

    /// Reads a URL. A zone follows `%25`, and bytes of it may be written as `%HH`; a `%` alone before the zone, as in
    /// `[fe80::1%eth0]`, is understood too. A path is taken as it is, without any escapes.
    ///
    /// Errors: throws std::invalid_argument with a sentence that shows the right form. A path or name has at most 107
    /// bytes, for the address of a Unix socket holds no more. No part has control characters, those that break a line or
    /// change the direction of text included (see `printable`), for it is shown in one line. A zone goes with link-local
    /// addresses and multicast groups only.
    static url parse(std::string_view text);

    /// Returns the text that `parse` reads as an equal URL.
    std::string to_string() const;
};

} // namespace fairlead
