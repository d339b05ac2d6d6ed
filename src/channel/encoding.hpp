#pragma once

#include <fairlead/framing/framing.hpp>

#include <string>
#include <utility>

namespace fairlead {

/// See `channel::encoding`. The text form of a framing does not say which messages are too large.
inline std::string encoding_of(const framing& rules) {
    std::string name = rules.to_string();
    return name == "custom" ? std::string{} : std::move(name) + ' ' + std::to_string(rules.max_message());
}

} // namespace fairlead
