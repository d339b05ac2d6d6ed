#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace fairlead::command {

/// `0`, `1000`: a whole number, a billion at most.
///
/// Errors: throws std::invalid_argument with a sentence that shows the right form.
std::size_t parse_count(std::string_view text);

/// `4096`, `64KiB`, `1.5MiB`, `1GiB`: bytes, rounded to whole ones. K, KB and KiB all count in 1024s, in either case.
///
/// Errors: as `parse_count`; also for more than 0 and less than a byte, which must not become 0.
std::size_t parse_size(std::string_view text);

/// `5`, `0.5`, `500ms`, `10s`, `2m`, `1h`: seconds unless a unit is given; a year at most, rounded to whole
/// milliseconds.
///
/// Errors: as `parse_count`; also for more than 0 and less than a millisecond.
std::chrono::milliseconds parse_duration(std::string_view text);

/// The other way round, in the largest unit that fits: `64KiB`, `10s`.
std::string to_text(std::size_t size);
std::string to_text(std::chrono::milliseconds duration);

/// `no reply`, `1 reply`, `2 replies`.
std::string count(std::uint64_t number, const std::string& one, const std::string& many);

/// `0660`, `660`: permissions in octal.
///
/// Errors: throws std::invalid_argument with a sentence that shows the right form.
::mode_t parse_mode(std::string_view text);

} // namespace fairlead::command
