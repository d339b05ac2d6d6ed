#include "decode/tcp_assembly.hpp"

#include <algorithm>

namespace fairlead::command {

namespace {

constexpr std::size_t cost_of_entry = 128; // so that many small segments count as well

} // namespace

bool tcp_assembly::is_of_another(const tcp_segment& segment) const noexcept {
    return segment.syn && state_ != state::unseen && first_ != segment.sequence;
}

void tcp_assembly::take(const tcp_segment& segment, assembled_sink& sink) {
    if (state_ == state::ended)
        return;
    const std::uint32_t begin = segment.sequence + (segment.syn ? 1 : 0);
    if (state_ == state::unseen) {
        if (!segment.syn && segment.size == 0)
            return;
        state_ = state::open;
        next_ = begin;
        if (segment.syn)
            first_ = segment.sequence;
    }
    place(segment, static_cast<std::int32_t>(begin - next_), sink); // the numbers wrap
    if (end_ && offset_ >= *end_) {
        end();
        sink.close();
    } else if (segment.reset && offset_ >= known_) {
        end();
        sink.close();
    } else if (segment.reset || waiting_bytes_ > max_waiting) {
        lose(sink);
    }
}

// `distance`: how far behind the next byte the segment begins.
void tcp_assembly::place(const tcp_segment& segment, std::int64_t distance, assembled_sink& sink) {
    const std::int64_t behind = distance + static_cast<std::int64_t>(segment.size);
    if (behind < 0 || (segment.size == 0 && !segment.fin))
        return;
    const std::uint64_t end = offset_ + static_cast<std::uint64_t>(behind);
    known_ = std::max(known_, end);
    if (segment.fin)
        end_ = end;
    if (distance > 0)
        return keep(offset_ + static_cast<std::uint64_t>(distance), segment.payload);
    give(segment.payload.from(static_cast<std::size_t>(-distance)), sink);
    give_waiting(sink);
}

void tcp_assembly::finish(assembled_sink& sink) {
    if (state_ == state::open && offset_ < known_)
        lose(sink);
    end();
}

void tcp_assembly::keep(std::uint64_t offset, bytes_view payload) {
    if (payload.empty())
        return;
    std::string& kept = waiting_[offset];
    if (kept.size() >= payload.size())
        return;
    waiting_bytes_ += payload.size() - kept.size() + (kept.empty() ? cost_of_entry : 0);
    kept += payload.from(kept.size()).text();
}

void tcp_assembly::give_waiting(assembled_sink& sink) {
    while (!waiting_.empty() && waiting_.begin()->first <= offset_) {
        const auto first = waiting_.extract(waiting_.begin());
        waiting_bytes_ -= first.mapped().size() + cost_of_entry;
        give(bytes_view{first.mapped()}.from(static_cast<std::size_t>(offset_ - first.key())), sink);
    }
}

void tcp_assembly::give(bytes_view fresh, assembled_sink& sink) {
    offset_ += fresh.size();
    next_ += static_cast<std::uint32_t>(fresh.size());
    if (!fresh.empty())
        sink.take(fresh);
}

void tcp_assembly::lose(assembled_sink& sink) {
    const std::uint64_t until = waiting_.empty() ? known_ : waiting_.begin()->first;
    end();
    sink.lose(until - offset_);
}

void tcp_assembly::end() noexcept {
    state_ = state::ended;
    waiting_.clear();
    waiting_bytes_ = 0;
}

} // namespace fairlead::command
