#pragma once

#include "datagram/datagram_sessions.hpp"
#include "datagram/reply_rules.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/transport/stream.hpp>

#include <cstddef>
#include <cstdint>

namespace fairlead {

/// The datagrams of one peer as a stream, so that a session can be held over them. Each stands behind its size:
///
///     | size, 4 bytes | datagram | size | datagram | …        in the byte order of this machine: it never leaves it
///
/// A bounded number of bytes waits to be read; what comes beyond is dropped, as it is before it reaches us. Writing
/// never waits: what the system does not take is dropped.
class datagram_stream final : public stream, private end_of_turn_task {
public:
    /// A datagram of `first` bytes has come, and will be delivered.
    datagram_stream(datagram_sessions& among, const datagram_sessions::address& who, const datagram_path& path,
                    std::size_t first);
    ~datagram_stream() override;

    /// A datagram has come: read at once by who waits for it, else it waits.
    void deliver(bytes_view datagram, const datagram_path& path);

    /// The same for the one that the stream was made for, which has been allowed for.
    void hand_over(bytes_view datagram);

    /// The session has one of those that were read.
    void message_taken() noexcept { --unread_; }

    /// Why a message of that size must not be sent; else it is counted. See `udp_endpoint::refuses`.
    error_code refuses(std::size_t size) { return endpoint_.refuses(path_, size, budget_); }

    const datagram_sessions::address& address() const noexcept { return address_; }

    result<std::size_t> try_fill(byte_buffer& input, std::size_t most) override;
    result<std::size_t> try_write(bytes_view bytes) override;
    event& readable() noexcept override { return readable_; }
    event& writable() noexcept override { return writable_; }
    void shutdown() noexcept override {}
    void close() noexcept override;
    endpoint local() const override;
    endpoint remote() const override { return path_.remote_endpoint(); }

private:
    // A datagram in the hands of who waits for one, as long as `deliver` lasts.
    struct offer {
        bytes_view datagram;
        bool taken = false;
        bool stream_gone = false;
    };

    void end_of_turn() override; // who waited when it was closed
    void put_in_queue(bytes_view datagram);
    void leave() noexcept;

    datagram_sessions& conversations_;
    udp_endpoint& endpoint_;
    datagram_sessions::address address_;
    datagram_path path_;
    amplification_budget budget_;
    byte_buffer queue_;
    std::size_t unread_ = 0; // datagrams in the queue, or read and not yet taken as a message
    offer* offer_ = nullptr;
    event readable_;
    event writable_;
    bool closed_ = false;
};

/// The framing of a datagram stream.
class datagram_framing {
public:
    static constexpr std::size_t header = sizeof(std::uint32_t);

    /// Lifetime: the stream outlives it.
    explicit datagram_framing(datagram_stream& of) noexcept : stream_{&of} {}

    result<decoded> decode(bytes_view input);
    result<decoded> finish(bytes_view input) { return decode(input); }
    result<void> encode(bytes_view message, byte_buffer& output);
    std::string to_string() const { return "datagram"; }

private:
    datagram_stream* stream_;
};

} // namespace fairlead
