#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/layers/layer_metrics.hpp>

namespace FAIRLEAD_API fairlead {

/// Returns a handler that logs a line for each message, at the level `debug`, which the log does not show by default.
///
///     set_log_level(log_level::debug);
///     server.listen("tcp://127.0.0.1:9000", line{}, logged(echo()));
///
///     2026-01-02 03:04:05.678 debug session 7 from tcp://192.0.2.7:51514: a message of 12 bytes took 0.041 ms
///
/// The line comes after the message was handled; the time is that of `timed`. There is no limit of lines in a second. A line
/// has nothing of the content. The subject of a line in JSON is `message_handled`.
///
/// The forms of `inner` stay: a message handler is called for single datagrams, too.
handler logged(handler inner, layer_metrics counted = {});

} // namespace fairlead
