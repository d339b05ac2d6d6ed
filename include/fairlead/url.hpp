#pragma once

#include <fairlead/api.hpp>
#include <fairlead/endpoint.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// An address to listen at or to connect to, in its text form.
///
///     tcp://127.0.0.1:9000   tcp://[::1]:9000   tcp://localhost:0     port 0 asks for a free one when listening
///     udp://0.0.0.0:9000     udp://239.255.0.1:9000                   a multicast group is joined when listening
///     tcp://[fe80::1%25eth0]:9000   udp://[ff02::1234%25eth0]:9000    the zone names the interface (RFC 6874)
///     unix:///run/echo.sock                                           a file, by its absolute path
///     unix://@echo                                                    a name without a file (abstract, unix(7))
///     tls://echo.example:9000   tls+unix:///run/echo.sock             TLS over TCP and over a Unix socket
///     ws://127.0.0.1:8080/chat  wss://echo.example/chat?room=1        WebSocket (RFC 6455) over TCP and over TLS
struct url {
    fairlead::transport transport = transport::tcp; ///< the scheme, or the transport below TLS
    bool tls = false;                               ///< `tls://`, `tls+unix://` and `wss://`
    bool websocket = false;                         ///< `ws://` and `wss://`
    std::string host = {};  ///< TCP and UDP: a name, or an address without the brackets of IPv6: `fe80::1%eth0`
    std::uint16_t port = 0; ///< TCP and UDP; 80 and 443 if `ws://` and `wss://` name none
    std::string path = {};  ///< Unix sockets: the text after the scheme; WebSocket: `/chat?room=1`, at least `/`

    /// Reads a URL. A zone follows `%25`, and its bytes may be written as `%HH`; a single `%` before the zone, as in
    /// `[fe80::1%eth0]`, is accepted too. The path of a Unix socket has no escapes; that of WebSocket is left as it is written.
    ///
    ///     const std::string host = url::parse("tcp://[::1]:9000").host;      // ::1
    ///
    /// Errors: throws std::invalid_argument, whose text shows the right form. A path or name has at most 107 bytes, the size
    /// of a Unix socket's address. No part may contain control characters, line separators or characters that change the
    /// direction of text (see `printable`). Only link-local addresses and multicast groups have a zone. A path of WebSocket consists
    /// of the printable characters of ASCII without space and `#`, 2,048 at most.
    static url parse(std::string_view text);

    /// Returns the text that `parse` reads as an equal URL.
    std::string to_string() const;
};

} // namespace fairlead
