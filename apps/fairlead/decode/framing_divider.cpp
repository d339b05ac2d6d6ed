#include "decode/framing_divider.hpp"

#include "decode/websocket_divider.hpp"

namespace fairlead::command {

namespace {

// Returns the row of a message: the bytes before it, the message, and the bytes after it.
row row_of(const decoded& step, bytes_view input) {
    const bytes_view message = *step.message;
    const auto before = static_cast<std::size_t>(message.data() - input.data());
    return {.header = input.first(before),
            .content = message,
            .ending = input.first(step.consumed).from(before + message.size())};
}

} // namespace

row truncated_row(bytes_view left, std::string why) {
    return {.kind = row_kind::fault, .content = left, .fault = to_string(errc::truncated), .text = std::move(why)};
}

std::optional<row> framing_divider::next(std::span<unsigned char> input) {
    const auto step = rules_.decode(input);
    if (!step)
        return refuse(step.error(), input);
    return step->message ? std::optional{row_of(*step, input)} : std::nullopt;
}

std::optional<row> framing_divider::finish(bytes_view input, stream_end end) {
    const auto step = rules_.finish(input);
    if (!step && step.error() == errc::truncated && end == stream_end::cut)
        return truncated_row(input, "the capture ends inside a message; " + explain_input(input));
    if (!step)
        return refuse(step.error(), input);
    return step->message ? std::optional{row_of(*step, input)} : std::nullopt;
}

row framing_divider::refuse(error_code why, bytes_view input) const {
    return {.kind = row_kind::fault,
            .content = input,
            .fault = to_string(static_cast<errc>(why.value())),
            .text = rules_.explain(why, input)};
}

std::unique_ptr<divider> make_divider(const framing& rules) {
    if (const auto* const spoken = rules.target<websocket>())
        return std::make_unique<websocket_divider>(websocket_options{
            .messages = spoken->messages(), .max_message = spoken->max_message(), .deflate = spoken->deflate()});
    return std::make_unique<framing_divider>(rules);
}

} // namespace fairlead::command
