#include "decode/fragment_assembly.hpp"

namespace fairlead::command {

any_packet fragment_assembly::take(const ip_fragment& fragment) {
    const key packet{.from = fragment.from, .to = fragment.to, .protocol = fragment.protocol, .id = fragment.id};
    const auto [found, fresh] = waiting_.try_emplace(packet);
    if (fresh)
        order_.push_back(packet);
    parts& known = found->second;
    known.bytes.try_emplace(fragment.offset, fragment.bytes.text());
    if (fragment.last)
        known.size = fragment.offset + fragment.bytes.size();
    if (join(known)) {
        waiting_.erase(found);
        return read_content(fragment, joined_);
    }
    while (order_.size() > most_packets) {
        dropped_ += waiting_.erase(order_.front());
        order_.pop_front();
    }
    return other_packet{};
}

bool fragment_assembly::join(const parts& found) {
    if (found.size == 0)
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
