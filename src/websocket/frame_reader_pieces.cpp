// The functions that return a message piece by piece, and that drop one.

#include "websocket/frame_reader.hpp"

#include <algorithm>
#include <utility>

namespace fairlead {

frame_step frame_reader::next_piece(std::span<unsigned char> input) {
    if (given_)
        forget_parts();
    if (rest_ != 0)
        return input.empty() ? frame_step{} : take_piece(input, 0, 0);
    if (!parts_.empty() && !compressed_)
        return take_gathered();
    frame_header header;
    const frame_step begun = begin(input, header, rules_.max_in_parts, passed_);
    if (begun.status != frame_step::outcome::part)
        return begun;
    if (is_control(frame_kind{header.kind}))
        return take_control(header, input);
    if (is_compressed(header))
        return next_compressed(header, input);
    if (input.size() == header.bytes && header.size != 0)
        return {.wanted = header.bytes + 1};
    passing_ = {.mask = header.mask, .text = is_text(header), .last = header.last};
    rest_ = header.size;
    passed_ += header.size;
    note_fragment(header);
    return take_piece(input, header.bytes, std::exchange(done_, 0));
}

// A compressed message is one piece.
frame_step frame_reader::next_compressed(const frame_header& header, std::span<unsigned char> input) {
    if (input.size() - header.bytes < header.size)
        return await_rest(header, input);
    frame_step step = take_compressed(header, input.first(header.bytes + static_cast<std::size_t>(header.size)));
    if (step.status == frame_step::outcome::message) {
        step.status = frame_step::outcome::piece;
        step.left = 0;
    }
    return step;
}

// Returns the fragments that were gathered before pieces were requested.
frame_step frame_reader::take_gathered() noexcept {
    passed_ = parts_.size();
    given_ = true;
    return {.status = frame_step::outcome::piece, .payload = parts_.data()};
}

// The first `unmasked` bytes behind the header are unmasked and checked already.
frame_step frame_reader::take_piece(std::span<unsigned char> input, std::size_t header, std::size_t unmasked) noexcept {
    const auto arrived = input.subspan(header);
    const auto piece = arrived.first(static_cast<std::size_t>(std::min<std::uint64_t>(rest_, arrived.size())));
    const auto fresh = piece.subspan(unmasked);
    if (rules_.role == websocket_role::server) // the frames of a server have no mask
        apply_mask(fresh.data(), fresh.data(), fresh.size(), passing_.mask, passing_.turned + unmasked);
    if (passing_.text && !text_.take(fresh))
        return fail(frame_error::not_utf8);
    passing_.turned = static_cast<std::uint8_t>((passing_.turned + piece.size()) % frame_mask::size);
    rest_ -= piece.size();
    if (rest_ == 0 && passing_.last) {
        passed_ = 0;
        if (!text_.at_boundary())
            return fail(frame_error::not_utf8);
    }
    if (piece.empty() && !passing_.last)
        return {.status = frame_step::outcome::part, .consumed = header};
    return {.status = frame_step::outcome::piece,
            .consumed = header + piece.size(),
            .payload = piece,
            .left = passing_.last ? std::optional{rest_} : std::nullopt};
}

frame_step frame_reader::drop(std::span<unsigned char> input) noexcept {
    using enum frame_step::outcome;
    forget_parts();
    done_ = 0;
    if (rest_ != 0) {
        const auto arrived = static_cast<std::size_t>(std::min<std::uint64_t>(rest_, input.size()));
        rest_ -= arrived;
        return {.status = arrived == 0 ? starved : part, .consumed = arrived};
    }
    frame_header header;
    const frame_step begun = begin(input, header, rules_.max_in_parts, 0);
    if (begun.status != part)
        return begun;
    if (is_control(frame_kind{header.kind}))
        return take_control(header, input);
    rest_ = header.size;
    note_fragment(header);
    return {.status = part, .consumed = header.bytes};
}

} // namespace fairlead
