#include "layers/layer_counter.hpp"

namespace fairlead {

namespace {

layer_counter count_outcome(const layer_metrics& in, const char* metric, const char* help, const char* layer,
                            const char* outcome) {
    if (!in.in)
        return {};
    return layer_counter{in.in->counter(metric, help, {{"layer", layer}, {"name", in.name}, {"outcome", outcome}})};
}

} // namespace

layer_counter count_messages(const layer_metrics& in, const char* layer, const char* outcome) {
    return count_outcome(in, "layer_messages_total", "Messages that reached a layer, by outcome.", layer, outcome);
}

layer_counter count_logins(const layer_metrics& in, const char* layer, const char* outcome) {
    return count_outcome(in, "layer_logins_total", "Logins at a layer, by outcome.", layer, outcome);
}

layer_counter count_waits(const layer_metrics& in, const char* layer) {
    if (!in.in)
        return {};
    constexpr const char* help = "Messages that waited in a layer, while no other of their session was read.";
    return layer_counter{in.in->counter("layer_waits_total", help, {{"layer", layer}, {"name", in.name}})};
}

layer_counter count_bytes(const layer_metrics& in, const char* layer, const char* direction, const char* form) {
    if (!in.in)
        return {};
    constexpr const char* help = "Bytes of messages in a layer that changes their size, by direction and form.";
    return layer_counter{in.in->counter(
        "layer_bytes_total", help, {{"layer", layer}, {"name", in.name}, {"direction", direction}, {"form", form}})};
}

} // namespace fairlead
