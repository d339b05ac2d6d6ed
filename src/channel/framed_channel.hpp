#pragma once

#include "channel/encoding.hpp"
#include "channel/message_reader.hpp"
#include "channel/send_queue.hpp"
#include "channel/stream_channel.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/transport/stream.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fairlead {

/// Messages over a stream of bytes, divided by a framing.
class framed_channel final : public stream_channel {
public:
    using stream_channel::writable; // of the transport

    framed_channel(std::unique_ptr<stream> transport, framing rules, block_pool& blocks)
        : stream_channel{std::move(transport)}, reader_{std::move(rules), blocks}, queue_{blocks} {}

    result<std::size_t> fill(std::size_t most) override;
    result<receive_outcome> receive(message_sink& to) override { return reader_.read(to, replies_); }
    result<std::size_t> discard() override;
    bool input_ended() const noexcept override { return reader_.input_ended(); }
    bool inside_message() override { return reader_.inside_message(); }
    std::string explain(error_code why) const override { return reader_.explain(why); }
    std::span<unsigned char> writable(bytes_view part) override { return replies_.writable(part, reader_.input()); }

    result<output_progress> send(bytes_view message) override { return queue_.queue(message, path()); }
    std::string encoding() override { return encoding_of(reader_.rules()); }
    result<void> encode(bytes_view message, byte_buffer& to) override { return reader_.rules().encode(message, to); }
    result<output_progress> send_encoded(bytes_view messages) override {
        return queue_.queue_encoded(messages, path());
    }
    std::size_t max_message() const noexcept override { return reader_.max_message(); }
    bool divides_messages() const noexcept override { return reader_.divides_messages(); }
    bool needs_size() const override { return reader_.needs_size(); }
    result<output_progress> begin_message(std::optional<std::uint64_t> size) override;
    result<output_progress> send_part(bytes_view part) override;
    result<output_progress> end_message() override;
    output_progress write() override { return queue_.write(path()); }
    std::size_t queued() const noexcept override { return queue_.copied() + replies_.size(); }
    error_code output_failure() const noexcept override { return queue_.failure(); }
    void fail_output(error_code why) noexcept override { queue_.fail(replies_, why); }

    std::size_t held() const noexcept override { return held_input() + queue_.capacity(); }
    std::size_t held_input() const noexcept override { return reader_.input().capacity(); }
    std::size_t room() const noexcept override { return reader_.input().room(); }
    bool park() override;
    void drop_input() noexcept override { reader_.input().release(); }

    /// Releases the transport, whose input was decoded and whose output was written. The channel is
    /// not used afterwards.
    std::unique_ptr<stream> release() noexcept { return std::move(stream_); }

private:
    output_path path() noexcept { return {reader_, replies_, *stream_}; }

    message_reader reader_;
    send_queue queue_;
};

} // namespace fairlead
