#include "websocket/websocket_channel.hpp"

#include "channel/fill_input.hpp"
#include "websocket/deflate.hpp"
#include "websocket/frame_encoder.hpp"

#include <new>
#include <utility>

namespace fairlead {

namespace {

// Pings are answered one by one while fewer bytes than this wait to be written.
constexpr std::size_t room_for_pongs = 4096;

std::size_t size_of(const websocket_info& about) noexcept {
    return about.path.size() + about.query.size() + about.host.size() + about.origin.size() + about.subprotocol.size();
}

} // namespace

websocket_channel::websocket_channel(std::unique_ptr<stream> transport, websocket_rules rules, websocket_info about,
                                     block_pool& blocks, bytes_view received)
    : stream_channel{std::move(transport)}, from_{frames_of(rules), blocks}, reader_{rules, blocks}, queue_{blocks},
      about_{std::move(about)}, about_held_{blocks} {
    about_held_.set(size_of(about_));
    if (received.empty())
        return;
    from_.input().take_small(received.size());
    from_.input().append(received);
}

// --- reading

result<std::size_t> websocket_channel::fill(std::size_t most) {
    queue_.leave_input(replies_);
    place_ = nullptr;
    const auto filled = fill_input(*stream_, from_.input(), announced_, most);
    if (!filled && filled.error() == errc::closed)
        enter(input_state::cut);
    return filled;
}

result<receive_outcome> websocket_channel::receive(message_sink& to) {
    const auto outcome = read(to);
    if (ping_ && queue_.open())
        queue_pong();
    return outcome;
}

result<receive_outcome> websocket_channel::read(message_sink& to) {
    using enum frame_step::outcome;
    byte_buffer& input = from_.input();
    while (input_ == input_state::open || input_ == input_state::cut) {
        const frame_step step = next(to);
        input.consume(step.consumed);
        switch (step.status) {
        case message:
            put_in_hand(step);
            if (!to.take_message(step.payload))
                return receive_outcome::stopped;
            break;
        case piece:
            replies_.put_nothing_in_hand();
            to.take_part(step.payload, step.left);
            return receive_outcome::stopped;
        case ping: answer(step.payload); break;
        case close: peer_closed(step.payload); break;
        case error: fail_input(step.why); break;
        case starved:
            announced_ = step.wanted;
            return input_ == input_state::cut ? end_of_input() : receive_outcome::starved;
        default: break;
        }
    }
    return end_of_input();
}

frame_step websocket_channel::next(const message_sink& to) {
    const auto arrived = from_.input().writable_data();
    return to.wants_parts() ? reader_.next_piece(arrived) : reader_.next(arrived, place_ ? place_ : arrived.data());
}

// The header of a server's reply fits between the message and the one before it; see `frame_reader::next`.
void websocket_channel::put_in_hand(const frame_step& step) {
    const websocket_rules& rules = reader_.rules();
    const bool compresses = rules.deflate_window != 0 && step.payload.size() >= min_deflated_message;
    const bool replies_in_place = step.in_place && rules.role == websocket_role::server && !compresses;
    if (!replies_in_place)
        return replies_.put_in_hand(step.payload, nullptr);
    const auto free = from_.input().consumed();
    const auto offset = static_cast<std::size_t>(step.payload.data() - free.data());
    unsigned char* const header = free.data() + offset - frame_header_size(step.payload.size());
    write_frame_header(header, kind_of(rules.messages), step.payload.size(), nullptr);
    place_ = free.data() + offset + step.payload.size();
    replies_.put_in_hand(step.payload, header);
}

bool websocket_channel::inside_message() {
    return input_ == input_state::open && (!from_.input().empty() || reader_.inside_message());
}

// A handler may write anything over its message, so a reply of text is checked again.
std::span<unsigned char> websocket_channel::writable(bytes_view part) {
    const auto found = replies_.writable(part, from_.input());
    if (!found.empty() && reader_.rules().messages == websocket_messages::text)
        replies_.header_overwritten();
    return found;
}

// A peer that sends pings and does not read gets one answer, to its newest ping, when it reads again (RFC 6455, section
// 5.5.3).
void websocket_channel::answer(bytes_view ping) {
    if (output_ != output_end::open)
        return;
    if (queue_.open() && !ping_ && queue_.copied() < room_for_pongs)
        queue_control(frame_kind::pong, ping);
    else
        ping_ = std::make_unique<const std::string>(ping.text());
}

// --- writing

error_code websocket_channel::why_not_sending() const noexcept {
    return queue_.failure() ? queue_.failure() : make_error_code(errc::closed);
}

result<output_progress> websocket_channel::send(bytes_view message) {
    if (output_ != output_end::open)
        return why_not_sending();
    return queue_.queue(message, path());
}

result<output_progress> websocket_channel::send_encoded(bytes_view messages) {
    if (output_ != output_end::open)
        return why_not_sending();
    return queue_.queue_encoded(messages, path());
}

// Nothing is written before the first part, so that a message of one part takes one frame.
result<output_progress> websocket_channel::begin_message(std::optional<std::uint64_t> size) {
    if (output_ != output_end::open)
        return why_not_sending();
    if (size.value_or(0) > reader_.rules().max_in_parts)
        return errc::message_too_large;
    fragments_ = std::make_unique<fragment_encoder>(reader_.rules(), size);
    return queue_.progress(replies_);
}

result<output_progress> websocket_channel::send_part(bytes_view part) {
    if (output_ != output_end::open)
        return why_not_sending();
    const bool masked = reader_.rules().role == websocket_role::client; // the payload is copied with its header
    return queue_.queue_part(masked ? bytes_view{} : part, path(),
                             [&](byte_buffer& to) { return fragments_->encode(part, to); });
}

result<output_progress> websocket_channel::end_message() {
    if (output_ != output_end::open)
        return why_not_sending();
    const auto ended = queue_.queue_part({}, path(), [&](byte_buffer& to) { return fragments_->end(to); });
    if (ended)
        fragments_.reset();
    return ended;
}

output_progress websocket_channel::write() {
    output_progress done = queue_.write(path());
    if (!ping_ || !queue_.open())
        return done;
    queue_pong();
    own_output_ = false; // the result tells the caller
    const output_progress more = queue_.write(path());
    return {more.queued, done.written + more.written, more.state};
}

// If there is no memory for the pong, the ping stays pending, and the next read or write tries again.
void websocket_channel::queue_pong() {
    try {
        queue_control(frame_kind::pong, *ping_);
        ping_.reset();
    } catch (const std::bad_alloc&) {}
}

bool websocket_channel::ping() {
    if (output_ != output_end::open || input_ != input_state::open || !queue_.open())
        return false;
    queue_control(frame_kind::ping, {});
    return true;
}

void websocket_channel::queue_control(frame_kind kind, bytes_view payload) {
    const bool masked = reader_.rules().role == websocket_role::client;
    const frame_mask mask = masked ? random_mask() : frame_mask{};
    queue_.append(make_frame(kind, payload, masked ? &mask : nullptr), replies_);
    own_output_ = true;
}

// --- memory

std::size_t websocket_channel::held() const noexcept {
    return held_input() + queue_.capacity() + about_held_.bytes();
}

std::size_t websocket_channel::held_input() const noexcept {
    return from_.input().capacity() + reader_.held();
}

bool websocket_channel::park() {
    queue_.leave_input(replies_);
    place_ = nullptr;
    from_.input().park();
    reader_.park();
    return inside_message();
}

} // namespace fairlead
