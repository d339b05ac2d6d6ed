#include "decode/conversation_list.hpp"

#include "decode/address_filter.hpp"
#include "quantity.hpp"

#include <algorithm>
#include <vector>

namespace fairlead::command {

namespace {

constexpr std::size_t shown = 20;

} // namespace

void conversation_list::take(const network_packet& packet) {
    const std::size_t size = std::visit([](const auto& content) { return content.size; }, packet.content);
    if (size == 0 && std::holds_alternative<tcp_segment>(packet.content))
        return;
    const auto answered = found_.find({packet.to, packet.from});
    if (answered != found_.end())
        answered->second.back += size;
    else
        found_[{packet.from, packet.to}].there += size;
}

std::string conversation_list::text() const {
    std::vector<std::pair<std::uint64_t, std::string>> lines;
    for (const auto& [ends, counted] : found_)
        lines.emplace_back(counted.there + counted.back,
                           std::string{"  "} + (ends.first.transport() == transport::udp ? "udp  " : "tcp  ") +
                               address_text(ends.first) + " <-> " + address_text(ends.second) + "  " +
                               std::to_string(counted.there) + " bytes ->, " + std::to_string(counted.back) +
                               " bytes <-\n");
    std::ranges::sort(lines, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, lines.size()); ++i)
        text += lines[i].second;
    if (lines.size() > shown)
        text += "  and " + std::to_string(lines.size() - shown) + (full() ? " or more" : "") + " others\n";
    return text;
}

} // namespace fairlead::command
