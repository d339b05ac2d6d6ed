#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead {

/// The most bytes in the name of a topic. As a subject it is at most three times as long, and NATS takes lines
/// of 4 KiB.
inline constexpr std::size_t max_topic_name = 1'024;

/// Returns the subject of a topic: no wildcard, no empty token, no space, and a different one for each topic.
std::string subject_of(std::string_view prefix, std::string_view topic);

/// Throws std::invalid_argument if this cannot be the prefix of a subject.
void check_subject_prefix(std::string_view prefix);

} // namespace fairlead
