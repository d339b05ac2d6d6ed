#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/layers/layer_metrics.hpp>

#include <cstdint>
#include <functional>

namespace FAIRLEAD_API fairlead {

/// The decision of a layer about one message.
///
///     message ──▶ layer ──pass──▶ inner handler
///                   ├──drop──▶ the next message            to answer in place of the handler: `from.send`, then `drop`
///                   └──close─▶ the end of the session
enum class verdict : std::uint8_t {
    pass,  ///< the inner handler gets it
    drop,  ///< the inner handler does not get it
    close, ///< nor any later one: `peer::close`; of a datagram: `drop`
};

/// Decides about each message. Each session has its own copy; over UDP each thread has one, as of a message handler.
///
/// Lifetime: `message` and `from` are valid during the call.
using message_filter = std::function<verdict(bytes_view message, peer& from)>;

/// Returns a handler that gives `inner` the messages that pass.
///
///     verdict answer_pings(bytes_view message, peer& from) {
///         if (message != "ping")
///             return verdict::pass;
///         from.send("pong");
///         return verdict::drop;
///     }
///
///     server.listen("tcp://127.0.0.1:9000", line{}, filtered(answer_pings, echo()));
///
/// The forms of `inner` stay: a message handler is called for single datagrams, too. An exception of the filter is one of the
/// handler.
handler filtered(message_filter decide, handler inner, layer_metrics counted = {});

} // namespace fairlead
