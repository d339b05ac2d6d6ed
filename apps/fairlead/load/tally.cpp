#include "load/tally.hpp"

#include <numeric>

namespace fairlead::command {

namespace {

struct words {
    const char* name;
    const char* description;
};

constexpr words texts[load_errors] = {
    {"connect", "no connection could be made"},
    {"broken", "a connection ended before its time"},
    {"lost", "no reply before the connection ended"},
    {"timed_out", "no reply in time"},
    {"refused", "a datagram was refused"},
    {"wrong", "a reply differs from its message"},
    {"unexpected", "a reply that nothing waited for"},
};

} // namespace

const char* name_of(load_error kind) noexcept {
    return texts[static_cast<std::size_t>(kind)].name;
}

const char* describe(load_error kind) noexcept {
    return texts[static_cast<std::size_t>(kind)].description;
}

std::uint64_t tally::all_errors() const noexcept {
    return std::accumulate(errors.begin(), errors.end(), std::uint64_t{0});
}

void tally::add(const tally& other) {
    messages += other.messages;
    due += other.due;
    unsent += other.unsent;
    dropped += other.dropped;
    bytes_sent += other.bytes_sent;
    bytes_received += other.bytes_received;
    connects += other.connects;
    replies += other.replies;
    for (std::size_t kind = 0; kind < load_errors; ++kind) {
        errors[kind] += other.errors[kind];
        if (first_error[kind].empty())
            first_error[kind] = other.first_error[kind];
    }
    if (start_advice.empty())
        start_advice = other.start_advice;
    latency.add(other.latency);
}

} // namespace fairlead::command
