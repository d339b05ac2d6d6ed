#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/metrics.hpp>

namespace FAIRLEAD_API fairlead {

/// Returns a handler that observes in `times` how long `inner` works on each message.
///
///     const histogram_metric times =
///         server.metrics().histogram("order_seconds", "Time to handle an order.", {0.001, 0.01, 0.1, 1});
///     server.listen("tcp://127.0.0.1:9000", line{}, timed(times, echo()));
///
/// The time of a message handler is that of its call. The time of a session handler is from a message to the next call of
/// `receive`, `try_receive` or `ended`, or to its end. So for `concurrent` it is not the time of a request.
///
/// The forms of `inner` stay: a message handler is called for single datagrams, too.
handler timed(histogram_metric times, handler inner);

} // namespace fairlead
