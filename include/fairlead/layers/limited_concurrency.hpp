#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/layers/layer_metrics.hpp>

#include <cstddef>

namespace FAIRLEAD_API fairlead {

/// Returns a handler that works on at most `max_messages` messages at the same time, those of all sessions and threads together.
///
///     boost::asio::awaitable<void> run_queries(session& peer) {
///         while (const auto query = co_await peer.receive()) {
///             const auto run = [&] { return "rows of " + to_string(*query); };
///             peer.send(co_await peer.shard().blocking(run));
///         }
///     }
///
///     server.listen("tcp://127.0.0.1:9000", line{}, limited_concurrency(8, run_queries));
///
/// A message takes a place when `inner` receives it. It gives the place back when `inner` asks for the next message or ends, or
/// when a message handler returns. A message that finds no place waits for one, in the order of arrival. Meanwhile its session is
/// not read, so the peer feels back pressure. When the server stops, the wait ends with `errc::stopping`, and the messages that
/// have arrived are dropped.
///
/// A handler that waits for its own peer in between, such as in `flush`, keeps its place. A handler that receives the next message
/// while others are open, as `concurrent` does, has one place for all of them.
///
/// Copies of the result share the places. If `inner` is a message handler, the result also serves single datagrams; a datagram
/// that finds no place is dropped.
///
/// Errors: throws std::invalid_argument if `max_messages` is 0.
handler limited_concurrency(std::size_t max_messages, handler inner, layer_metrics counted = {});

} // namespace fairlead
