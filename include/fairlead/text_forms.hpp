#pragma once

#include <fairlead/api.hpp>
#include <fairlead/endpoint.hpp>

#include <span>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// A scheme that `url::parse` reads, for help texts, manuals and the completion of a shell.
struct url_form {
    std::string_view scheme;       ///< `tcp://`
    std::string_view syntax;       ///< `tcp://HOST:PORT`; alternatives are separated by ` or `
    std::string_view examples;     ///< `tcp://127.0.0.1:9000 or tcp://[::1]:9000`
    std::string_view meaning;      ///< one sentence
    fairlead::transport transport; ///< the transport, or the transport below TLS
    bool tls;                      ///< true if TLS is spoken over it
    bool websocket;                ///< true if WebSocket is spoken over it
};

/// Returns every scheme, those of plain transports first.
std::span<const url_form> url_forms() noexcept;

/// A framing that `parse_framing` reads, for help texts, manuals and the completion of a shell.
struct framing_form {
    std::string_view name;    ///< the text before the first colon: `length`
    std::string_view syntax;  ///< `length[:WIDTH[:be|le]]`
    std::string_view example; ///< a text that `parse_framing` takes: `length:2`
    std::string_view meaning; ///< one or two sentences
};

/// Returns every framing, the default of the command first.
std::span<const framing_form> framing_forms() noexcept;

} // namespace fairlead
