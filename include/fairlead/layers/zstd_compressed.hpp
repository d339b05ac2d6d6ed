#pragma once

#include <fairlead/api.hpp>
#include <fairlead/byte_buffer.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/layers/layer_metrics.hpp>
#include <fairlead/session_adapter.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace FAIRLEAD_API fairlead {

class zstd_rules;
struct outgoing_message;
struct zstd_refusal;

/// Options of compressed messages. Both sides may have different ones.
struct zstd_options {
    int level = 3; ///< from -131072 (fast) to 22 (small); from 9 on a large message keeps the thread for 20 ms and more
    std::size_t max_message = 1u << 20; ///< bytes of a message that is not compressed, in both directions; at least 1
};

/// Returns a handler whose messages are compressed on their way: `inner` receives and sends them as they are, the peer receives
/// and sends frames of zstd (RFC 8878).
///
///     message of the peer ──▶ one frame ──inflated──▶ inner          each message is one frame, whole
///     message to the peer ◀── one frame ◀─compressed── inner         and independent of all others
///
///     server.listen("tcp://127.0.0.1:9000", length_prefixed{}, zstd_compressed(echo()));
///
/// The framing must carry any bytes, as `length_prefixed`, `varint_prefixed` and `websocket` do; it limits the compressed size. The
/// peer must compress, too: a client of Fairlead by `zstd_session`, any other by a library of zstd. Frames that are sent have a
/// checksum and the size of their content. Frames that are received need neither.
///
/// A message that is no such frame ends the session, as bytes do that the framing refuses. `receive` returns
///
/// - `errc::malformed`: the frame is incomplete, is broken, has a wrong checksum or needs a dictionary; or the message has several
///   frames, a skippable frame, other bytes behind the frame, or none of zstd.
/// - `errc::message_too_large`: the frame holds more than `max_message` bytes. The size that it says is checked before memory is
///   taken. A frame that says none takes up to `max_message` bytes, and its window takes none.
///
/// Replies may still be sent. Once `inner` has ended, the layer throws a `malformed_message` or an `oversized_message`, whose words
/// the log shows.
///
/// `send` returns `errc::message_too_large` for a message of more than `max_message` bytes, and the errors of the framing for a
/// frame that this refuses: bytes that cannot be compressed become a few bytes more. Messages of topics and handles go to the
/// session itself and are not compressed (`session_adapter`).
///
/// If `inner` is a message handler, the result also serves single datagrams. One that is refused is dropped and counted, see
/// `malformed_message`. Over UDP choose a small `max_message`: a datagram of 40 bytes may hold a megabyte.
///
/// The memory that zstd works with belongs to the thread: about 100 KiB to inflate, up to 4 MiB to compress. More than
/// that is given back after the message. A session has memory only while `inner` works on a message.
///
/// `layer_messages_total` counts the messages that are `passed` and `dropped`, and those `sent`; `layer_bytes_total` counts their
/// bytes before and after.
///
/// Errors: throws std::invalid_argument for an option that cannot work, and in a build without zstd.
handler zstd_compressed(handler inner, const zstd_options& options = {}, const layer_metrics& counted = {});

/// A session whose messages are compressed, for a program that is a client. The handler of `zstd_compressed` has one, too.
///
///     const framing rules = length_prefixed{};
///     const auto connected = co_await connect(shard, "tcp://example.org:9000", rules);
///     zstd_session compressed{**connected};
///     compressed.send("hello");
///     const auto reply = co_await compressed.receive();
///
/// A message that is sent in parts is gathered, up to `max_message`, and sent at its end; a second
/// `begin_message` before throws std::logic_error. One that is received is one part.
///
/// A message that is refused is an error of `receive`, and `close_reason` has the words for it. The adapted session does not
/// close by itself; nothing more is received from it, and `send` works until it is closed.
///
/// A `client` and a `connection_pool` have sessions of their own, which do not compress.
///
/// Errors: the constructor throws std::invalid_argument as `zstd_compressed` does. Thread safety: as `session`. Lifetime: the
/// adapted session outlives this.
class zstd_session : public session_adapter {
public:
    /// Adapts a session whose peer compresses, too.
    explicit zstd_session(session& adapted, const zstd_options& options = {}, const layer_metrics& counted = {});
    ~zstd_session() override;

    result<void> send(bytes_view message) override;
    boost::asio::awaitable<result<bytes_view>> receive() override;
    boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit) override;
    std::optional<bytes_view> try_receive() override;
    boost::asio::awaitable<error_code> ended() override;
    boost::asio::awaitable<result<void>> begin_message(std::optional<std::uint64_t> size) override;
    boost::asio::awaitable<result<void>> send_part(bytes_view part) override;
    result<void> end_message() override;
    fairlead::close_reason close_reason() const override;
    bool is_reusable() override;

protected:
    /// For the layer, whose sessions share their rules.
    zstd_session(session& adapted, std::shared_ptr<const zstd_rules> rules);

    /// Returns why a message was refused; null if none was.
    const zstd_refusal* refused() const noexcept { return refused_.get(); }

private:
    boost::asio::awaitable<result<bytes_view>> inflate(boost::asio::awaitable<result<bytes_view>> frame);
    result<bytes_view> take(bytes_view frame);

    std::shared_ptr<const zstd_rules> rules_;
    byte_buffer inflated_;                       // the message in the hands of the handler
    std::unique_ptr<outgoing_message> gathered_; // sent in parts
    std::unique_ptr<const zstd_refusal> refused_;
};

} // namespace fairlead
