#pragma once

#include <fairlead/session.hpp>

#include <chrono>

/// A peer that is silent for this long is disconnected.
inline constexpr std::chrono::seconds max_silence{30};

/// Serves one peer: answers each message with the same text in capitals. Runs once for each peer.
boost::asio::awaitable<void> serve(fairlead::session& peer);
