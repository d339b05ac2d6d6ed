#include "datagram/source_rates.hpp"

#include "datagram/mix.hpp"

#include <algorithm>

namespace fairlead {

source_rates::source_rates(double rate, double most, std::uint64_t seed)
    : rate_{static_cast<float>(rate)}, most_{static_cast<float>(most)}, seed_{seed}, sets_{rate == 0
                                                                                               ? nullptr
                                                                                               : new set[sets]{}} {}

bool source_rates::take(std::uint64_t source, time_point now) noexcept {
    if (rate_ == 0)
        return true;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    const auto when =
        static_cast<std::uint32_t>(milliseconds); // wraps after 49 days, which at worst refills a source too little

    set& among = set_of(source);
    entry* place = &among.front();
    for (entry& each : among) {
        if (each.source == source) {
            place = &each;
            break;
        }
        if (tokens_at(each, when) > tokens_at(*place, when))
            place = &each;
    }
    const float tokens = place->source == source ? tokens_at(*place, when) : most_;
    const bool allowed = tokens >= 1;
    *place = {source, allowed ? tokens - 1 : tokens, when};
    return allowed;
}

source_rates::set& source_rates::set_of(std::uint64_t source) noexcept {
    return sets_[mix(source ^ seed_) % sets];
}

float source_rates::tokens_at(const entry& known, std::uint32_t now) const noexcept {
    if (known.source == 0)
        return most_ + 1; // free entries are chosen first
    const float seconds = static_cast<float>(now - known.last) / 1000;
    return std::min(most_, known.tokens + seconds * rate_);
}

} // namespace fairlead
