#pragma once

#include "channel/encoding.hpp"
#include "channel/message_reader.hpp"
#include "channel/send_queue.hpp"
#include "channel/stream_channel.hpp"
#include "core/counted_memory.hpp"
#include "websocket/close_frame.hpp"
#include "websocket/fragment_encoder.hpp"
#include "websocket/frame_reader.hpp"
#include "websocket/websocket_rules.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/transport/stream.hpp>
#include <fairlead/websocket.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fairlead {

/// Messages over a WebSocket (RFC 6455), after the upgrade.
///
///     transport ──fill──▶ input ──frame_reader──▶ message_sink        ping ──▶ pong, queued as soon as there is room
///     transport ◀─write── queue ◀──send────────── message             end_output ──▶ Close, queued once
///
/// A server sends a message in hand back without a copy: unmasking moves it so that the header of the reply
/// fits right behind the previous reply.
///
///     received:  | header 6 | payload A | header 6 | payload B |
///     unmasked:  | h 2 | payload A | h 2 | payload B |         sent as it is
///
/// Messages in parts are fragments, received and sent:
///
///     | binary "ab" | ping | continuation "cd" | FIN continuation "e" |       parts: ab · cd · e
///
/// The peer's Close ends the input. `end_output` answers it after the session has sent its remaining messages,
/// as section 5.5.1 allows.
class websocket_channel final : public stream_channel {
public:
    using stream_channel::writable; // of the transport

    /// `received` are the bytes behind the upgrade. Without a transport, call `attach` next. Errors: throws
    /// std::bad_alloc.
    websocket_channel(std::unique_ptr<stream> transport, websocket_rules rules, websocket_info about,
                      block_pool& blocks, bytes_view received);

    /// Begins to speak over this transport.
    void attach(std::unique_ptr<stream> transport) noexcept { stream_ = std::move(transport); }

    std::optional<websocket_info> websocket() const override { return about_; }

    result<std::size_t> fill(std::size_t most) override;
    result<receive_outcome> receive(message_sink& to) override;
    result<std::size_t> discard() override;
    bool input_ended() const noexcept override { return input_ == input_state::closed || input_ == input_state::cut; }
    bool inside_message() override;
    std::string explain(error_code why) const override;
    std::string explain_end() const override;
    std::span<unsigned char> writable(bytes_view part) override;

    result<output_progress> send(bytes_view message) override;
    std::string encoding() override { return encoding_of(from_.rules()); }
    result<void> encode(bytes_view message, byte_buffer& to) override { return from_.rules().encode(message, to); }
    result<output_progress> send_encoded(bytes_view messages) override;
    std::size_t max_message() const noexcept override { return from_.max_message(); }
    bool divides_messages() const noexcept override { return true; }
    result<output_progress> begin_message(std::optional<std::uint64_t> size) override;
    result<output_progress> send_part(bytes_view part) override;
    result<output_progress> end_message() override;
    output_progress write() override;
    std::size_t queued() const noexcept override { return queue_.copied() + replies_.size(); }
    error_code output_failure() const noexcept override { return queue_.failure(); }
    void fail_output(error_code why) noexcept override { queue_.fail(replies_, why); }
    void end_output(error_code why) noexcept override;
    bool ping() override;

    std::size_t held() const noexcept override;
    std::size_t held_input() const noexcept override;
    std::size_t room() const noexcept override { return from_.input().room(); }
    bool park() override;
    void drop_input() noexcept override;

    void shutdown() noexcept override;
    void close() noexcept override;

private:
    //  open ──end of the transport──▶ cut     open, cut ──Close──▶ closed     open, cut ──wrong frame──▶ broken
    enum class input_state : std::uint8_t { open, closed, cut, broken };

    //  open ──Close queued──▶ closed ──shutdown()──▶ shutting ──the peer has ended, or its frames are wrong──▶ shut
    enum class output_end : std::uint8_t { open, closed, shutting, shut };

    output_path path() noexcept { return {from_, replies_, *stream_}; }
    result<receive_outcome> read(message_sink& to);
    frame_step next(const message_sink& to);
    void put_in_hand(const frame_step& step);
    result<receive_outcome> end_of_input() const noexcept;
    error_code why_not_sending() const noexcept;
    bool inside_sent_message() const noexcept { return fragments_ && !fragments_->is_complete(); }
    void peer_closed(bytes_view payload);
    void fail_input(frame_error why);
    void enter(input_state next) noexcept;
    void answer(bytes_view ping);
    void queue_pong();
    void queue_control(frame_kind kind, bytes_view payload);
    void queue_close(std::uint16_t code, std::string_view reason);
    void drop_held();

    message_reader from_; // the input, and the framing that encodes
    frame_reader reader_;
    send_queue queue_;
    unsigned char* place_ = nullptr; // the end of the last message in the input; null: none since it changed
    std::size_t announced_ = 0;
    std::unique_ptr<const close_notice> closed_by_peer_;
    std::unique_ptr<const std::string> ping_;     // the payload of the newest ping that is not answered yet
    std::unique_ptr<fragment_encoder> fragments_; // of the message that is sent in parts
    websocket_info about_;
    counted_memory about_held_;
    frame_error broken_by_ = frame_error::none;
    input_state input_ = input_state::open;
    output_end output_ = output_end::open;
};

} // namespace fairlead
