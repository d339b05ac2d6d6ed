#pragma once

#include <fairlead/framing/framing.hpp>

#include <string>
#include <utility>

namespace fairlead {

/// Returns the name for `channel::encoding`; empty for a framing without a text form. It includes
/// `max_message`, which the text form lacks.
inline std::string encoding_of(const framing& rules) {
    std::string name = rules.to_string();
    return name == "custom" ? std::string{} : std::move(name) + ' ' + std::to_string(rules.max_message());
}

} // namespace fairlead
