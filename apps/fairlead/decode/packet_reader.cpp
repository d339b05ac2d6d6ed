#include "decode/packet_reader.hpp"

namespace fairlead::command {

std::optional<numbered_packet> packet_reader::next() {
    while (const auto captured = file_.next()) {
        ++number_;
        const any_packet packet = read(captured->bytes);
        const auto* const known = std::get_if<network_packet>(&packet);
        if (known && choice_.fits(*known))
            return numbered_packet{.content = *known, .number = number_, .time = captured->time};
    }
    return std::nullopt;
}

any_packet packet_reader::read(bytes_view packet) {
    any_packet found = read_packet(file_.link(), packet);
    const auto* const part = std::get_if<ip_fragment>(&found);
    if (!part)
        return found;
    const bool wanted = choice_.from.fits_address(part->from) && choice_.to.fits_address(part->to);
    return wanted ? fragments_.take(*part) : other_packet{};
}

} // namespace fairlead::command
