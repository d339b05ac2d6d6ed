#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/layers/layer_metrics.hpp>

#include <chrono>
#include <cstddef>

namespace FAIRLEAD_API fairlead {

/// A number of messages in a time.
struct message_rate {
    std::size_t messages = 0;             ///< at least 1
    std::chrono::milliseconds per{1'000}; ///< at least 1 ms
    std::size_t burst = 0;                ///< messages at once, after a quiet time; 0: as many as `messages`
};

/// Returns a handler that gives `inner` no more messages of one session than `rate` allows.
///
///     server.listen("tcp://127.0.0.1:9000", line{}, rate_limited({.messages = 100, .burst = 20}, echo()));
///
/// A message that comes too early waits for its time. Meanwhile the session is not read, so the peer feels back pressure. When
/// the server stops, the wait ends with `errc::stopping`, and the messages that have arrived are dropped.
///
/// If `inner` is a message handler, the result also serves single datagrams. These cannot wait: a datagram that comes too early
/// is dropped. The rate holds for each address (IPv6: each /64) on each thread; up to 16,384 addresses of a thread are known at
/// one time.
///
/// Errors: throws std::invalid_argument if `messages` or `per` is too small.
handler rate_limited(message_rate rate, handler inner, layer_metrics counted = {});

} // namespace fairlead
