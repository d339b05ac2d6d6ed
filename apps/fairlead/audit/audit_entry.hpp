#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/file_transfer/receiver_options.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::command {

using audit_time = std::chrono::system_clock::time_point;

/// Entries of the audit log (docs/operations.md): a JSON object of ASCII each, as one line that ends with a newline. Bytes of
/// a peer that are no UTF-8 become U+FFFD.
///
///     {"time":"2026-01-02T03:04:05.678Z","event":"stored","peer":"tcp://127.0.0.1:9","name":"a.txt", …}
std::string stored_entry(audit_time when, const stored_file& file, const std::string& directory);

/// The event is `refused` or `failed`. The code is null when the sender was told nothing.
std::string failed_entry(audit_time when, const failed_file& file, const std::string& directory);

std::string refused_peer_entry(audit_time when, const endpoint& from, std::string_view why);
std::string lost_entry(audit_time when, std::uint64_t lines);

} // namespace fairlead::command
