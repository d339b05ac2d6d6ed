#include "decode/fragment_assembly.hpp"

namespace fairlead::command {

any_packet fragment_assembly::take(const ip_fragment& fragment) {
    const key packet{.from = fragment.from, .to = fragment.to, .protocol = fragment.protocol, .id = fragment.id};
    const auto [found, fresh] = waiting_.try_emplace(packet);
    if (fresh)
        remember(packet);
    parts& known = found->second;
    if (!known.bytes.try_emplace(fragment.offset, fragment.bytes.text()).second)
        return other_packet{};
    known.stored += fragment.bytes.size();
    if (fragment.last)
        known.size = fragment.offset + fragment.bytes.size();
    if (!join(known))
        return other_packet{};
    unfinished_ -= known.done ? 0 : 1;
    known = {.done = true};
    return read_content(fragment, joined_);
}

void fragment_assembly::remember(const key& packet) {
    ++unfinished_;
    order_.push_back(packet);
    if (order_.size() > most_packets) {
        waiting_.erase(order_.front());
        order_.pop_front();
    }
}

bool fragment_assembly::join(const parts& found) {
    if (found.size == 0 || found.stored < found.size)
        return false;
    joined_.clear();
    for (const auto& [offset, bytes] : found.bytes) {
        if (offset > joined_.size())
            return false;
        joined_ += bytes_view{bytes}.from(joined_.size() - offset).text();
    }
    return joined_.size() >= found.size;
}

} // namespace fairlead::command
