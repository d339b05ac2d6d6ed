#include "websocket/frame_reader.hpp"

#include "websocket/deflate.hpp"
#include "websocket/frame_check.hpp"

#include <algorithm>
#include <utility>

namespace fairlead {

bool frame_reader::is_text(const frame_header& header) const noexcept {
    return frame_kind{header.kind} == frame_kind::text ||
           (frame_kind{header.kind} == frame_kind::continuation && message_ == frame_kind::text);
}

bool frame_reader::is_compressed(const frame_header& header) const noexcept {
    return frame_kind{header.kind} == frame_kind::continuation ? compressed_ : header.reserved != 0;
}

// Reads and checks a header. Returns `part` if it is whole and valid.
frame_step frame_reader::begin(std::span<unsigned char> input, frame_header& header, std::uint64_t most,
                               std::uint64_t taken) noexcept {
    if (input.size() < 2)
        return {.wanted = input.empty() ? std::size_t{0} : std::size_t{2}};
    header = read_frame_header(input);
    const bool inside = message_ != frame_kind::continuation;
    if (const frame_error wrong = check_start(header, rules_, inside); wrong != frame_error::none)
        return fail(wrong);
    if (input.size() < header.bytes)
        return {.wanted = header.bytes};
    if (!is_shortest(header))
        return fail(frame_error::wrong_length);
    const std::uint64_t room = is_compressed(header) ? max_deflated(rules_.max_message) - parts_.size() : most - taken;
    if (!is_control(frame_kind{header.kind}) && header.size > room)
        return fail(frame_error::message_too_large);
    return {.status = frame_step::outcome::part};
}

// The fast path for most frames that a server receives: whole messages below 64 KiB. Returns `starved` for all
// others.
inline frame_step frame_reader::take_usual(std::span<unsigned char> input, unsigned char* place) noexcept {
    constexpr unsigned char whole_text = 0x81, whole_binary = 0x82;
    if (input.size() < 8 || (input[1] & 0x80u) == 0 || !place || rules_.role != websocket_role::server ||
        message_ != frame_kind::continuation || done_ != 0)
        return {};
    const bool text = input[0] == whole_text;
    if (!text && (input[0] != whole_binary || rules_.messages != websocket_messages::binary))
        return {};
    std::size_t size = input[1] & 0x7Fu;
    std::size_t header = 6;
    if (size == 127)
        return {};
    if (size == 126) {
        size = static_cast<std::size_t>(input[2] << 8 | input[3]);
        header = 8;
        if (size < 126)
            return {};
    }
    if (size > rules_.max_message || input.size() - header < size)
        return {};
    unsigned char* const to = place + header - frame_mask::size;
    apply_mask(to, input.data() + header, size, frame_mask::at(input.data() + header - frame_mask::size));
    if (text && !is_utf8({to, size}))
        return fail(frame_error::not_utf8);
    return {.status = frame_step::outcome::message,
            .consumed = header + size,
            .payload = bytes_view{to, size},
            .in_place = true};
}

frame_step frame_reader::next(std::span<unsigned char> input, unsigned char* place) {
    if (given_)
        forget_parts();
    if (frame_step usual = take_usual(input, place); usual.status != frame_step::outcome::starved)
        return usual;
    frame_header header;
    const frame_step begun = begin(input, header, rules_.max_message, parts_.size());
    if (begun.status != frame_step::outcome::part)
        return begun;
    if (is_control(frame_kind{header.kind}))
        return take_control(header, input);
    if (input.size() - header.bytes < header.size)
        return await_rest(header, input);
    const auto frame = input.first(header.bytes + static_cast<std::size_t>(header.size));
    if (is_compressed(header))
        return take_compressed(header, frame);
    if (header.last && message_ == frame_kind::continuation)
        return take_whole(header, frame, place);
    return take_fragment(header, frame);
}

frame_step frame_reader::await_rest(const frame_header& header, std::span<unsigned char> input) noexcept {
    if (is_text(header) && !is_compressed(header)) {
        const auto arrived = input.subspan(header.bytes);
        if (!unmask_text(header, arrived))
            return fail(frame_error::not_utf8);
        done_ = arrived.size();
    }
    return {.wanted = header.bytes + static_cast<std::size_t>(header.size)};
}

// Unmasks and checks the payload behind its first `done_` bytes. Returns false if it is not UTF-8.
bool frame_reader::unmask_text(const frame_header& header, std::span<unsigned char> payload) noexcept {
    const auto rest = payload.subspan(done_);
    if (header.masked)
        apply_mask(rest.data(), rest.data(), rest.size(), header.mask, done_);
    return text_.take(rest);
}

frame_step frame_reader::take_whole(const frame_header& header, std::span<unsigned char> frame, unsigned char* place) {
    auto payload = frame.subspan(header.bytes);
    if (done_ == 0 && header.masked) {
        unsigned char* const to = place ? place + frame_header_size(payload.size()) : payload.data();
        apply_mask(to, payload.data(), payload.size(), header.mask);
        payload = {to, payload.size()};
        if (is_text(header) && !text_.take(payload))
            return fail(frame_error::not_utf8);
    } else if (is_text(header) && !unmask_text(header, payload)) {
        return fail(frame_error::not_utf8);
    }
    done_ = 0;
    if (!text_.at_boundary())
        return fail(frame_error::not_utf8);
    return {.status = frame_step::outcome::message, .consumed = frame.size(), .payload = payload, .in_place = true};
}

frame_step frame_reader::take_fragment(const frame_header& header, std::span<unsigned char> frame) {
    const auto payload = frame.subspan(header.bytes);
    if (is_text(header)) {
        if (!unmask_text(header, payload))
            return fail(frame_error::not_utf8);
    } else {
        unmask(header, payload);
    }
    done_ = 0;
    gather(payload);
    if (!header.last) {
        note_fragment(header);
        return {.status = frame_step::outcome::part, .consumed = frame.size()};
    }
    if (!text_.at_boundary())
        return fail(frame_error::not_utf8);
    return give_parts(frame.size());
}

frame_step frame_reader::take_compressed(const frame_header& header, std::span<unsigned char> frame) {
    const auto payload = frame.subspan(header.bytes);
    unmask(header, payload);
    if (!header.last || message_ != frame_kind::continuation)
        gather(payload);
    if (!header.last) {
        note_fragment(header);
        return {.status = frame_step::outcome::part, .consumed = frame.size()};
    }
    const bool text = is_text(header);
    const byte_buffer gathered = std::move(parts_);
    const bytes_view compressed = message_ == frame_kind::continuation ? bytes_view{payload} : gathered.data();
    const frame_error wrong = inflate_message(compressed, rules_.max_message, parts_);
    if (wrong != frame_error::none)
        return fail(wrong);
    if (text && !is_utf8(parts_.data()))
        return fail(frame_error::not_utf8);
    return give_parts(frame.size());
}

void frame_reader::unmask(const frame_header& header, std::span<unsigned char> payload) noexcept {
    if (header.masked)
        apply_mask(payload.data(), payload.data(), payload.size(), header.mask);
}

void frame_reader::gather(std::span<unsigned char> payload) {
    parts_.take_small(std::max<std::size_t>(payload.size(), 1));
    parts_.append(payload);
}

frame_step frame_reader::give_parts(std::size_t consumed) noexcept {
    message_ = frame_kind::continuation;
    given_ = true;
    return {.status = frame_step::outcome::message, .consumed = consumed, .payload = parts_.data()};
}

void frame_reader::note_fragment(const frame_header& header) noexcept {
    if (header.last) {
        message_ = frame_kind::continuation;
    } else if (message_ == frame_kind::continuation) {
        message_ = frame_kind{header.kind};
        compressed_ = header.reserved != 0;
    }
}

frame_step frame_reader::take_control(const frame_header& header, std::span<unsigned char> input) noexcept {
    using enum frame_step::outcome;
    const std::size_t whole = header.bytes + static_cast<std::size_t>(header.size);
    if (input.size() < whole)
        return {.wanted = whole};
    const auto payload = input.first(whole).subspan(header.bytes);
    unmask(header, payload);
    frame_step step{.consumed = whole, .payload = payload};
    switch (frame_kind{header.kind}) {
    case frame_kind::ping: step.status = ping; return step;
    case frame_kind::pong: step.status = pong; return step;
    default: step.status = close;
    }
    if (const frame_error wrong = check_close(payload); wrong != frame_error::none)
        return fail(wrong);
    return step;
}

void frame_reader::forget_parts() noexcept {
    parts_.release();
    given_ = false;
}

void frame_reader::park() {
    if (given_)
        forget_parts();
    else
        parts_.park();
}

} // namespace fairlead
