#include "framing_in_parts.hpp"

#include <fairlead/framing/parse.hpp>
#include <fairlead/framing/websocket.hpp>

#include <algorithm>

namespace fairlead::command {

bool passes_in_parts(const framing& rules) {
    return rules.divides_messages() || rules.target<websocket>() != nullptr;
}

framing framing_in_parts(const std::string& text, std::optional<std::size_t> max_message,
                         std::optional<std::uint64_t> in_parts) {
    framing whole = parse_framing(text, max_message); // refuses a max_message that the length cannot encode
    if (!passes_in_parts(whole))
        return whole;
    const std::size_t in_memory = std::min(whole.max_message(), parse_framing(text).max_message());
    return parse_framing(text, in_memory, max_message ? max_message : in_parts);
}

} // namespace fairlead::command
