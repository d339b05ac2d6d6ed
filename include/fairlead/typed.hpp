#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/malformed_message.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <concepts>
#include <string>
#include <utility>

namespace FAIRLEAD_API fairlead {

/// A codec converts between messages and values.
///
///     struct order { std::uint32_t id; std::string article; };
///
///     struct order_codec {
///         using value_type = order;
///         order decode(bytes_view message) {
///             byte_reader from{message};
///             const auto id = from.read<std::uint32_t>();
///             return {id, to_string(from.rest())};
///         }
///         void encode(const order& value, std::string& message) {
///             byte_writer to{message};
///             to.write(value.id);
///             to.bytes(value.article);
///         }
///     };
///
/// `decode` throws `malformed_message` for a message that is no value. `encode` appends to an empty message. Each session has a
/// copy, so a codec may have state, such as a version that was agreed on.
template <class C>
concept codec_type = std::copyable<C> &&
    requires(C codec, bytes_view message, const typename C::value_type& value, std::string& output) {
    { codec.decode(message) } -> std::convertible_to<typename C::value_type>;
    codec.encode(value, output);
};

/// The sender of a value, and the target of replies: a `peer` with a codec.
///
/// Thread safety and lifetime: as `peer`.
template <codec_type Codec>
class typed_peer {
public:
    using value_type = typename Codec::value_type; ///< the type of its values

    /// `room` is used for the bytes of each value that is sent. Lifetime: all three outlive this.
    typed_peer(peer& from, Codec& codec, std::string& room) noexcept : peer_{from}, codec_{codec}, room_{room} {}

    /// Encodes and sends a value. Errors: as `peer::send`; throws the exceptions of the codec.
    result<void> send(const value_type& value) {
        room_.clear();
        codec_.encode(value, room_);
        return peer_.send(room_);
    }

    peer& untyped() noexcept { return peer_; } ///< for `remote`, `close`, `handle` and messages of another form
    Codec& codec() noexcept { return codec_; } ///< the codec of this session

private:
    peer& peer_;
    Codec& codec_;
    std::string& room_;
};

/// A session whose messages are values: a `session` with a codec.
///
/// Thread safety and lifetime: as `session`.
template <codec_type Codec>
class typed_session {
public:
    using value_type = typename Codec::value_type; ///< the type of its values

    /// Lifetime: the session outlives this.
    typed_session(session& over, Codec codec) : session_{over}, codec_{std::move(codec)} {}

    /// Waits for the next message and returns its value. Errors and cancellation: as `session::receive`. Throws
    /// `malformed_message`; the session continues if the handler catches it.
    boost::asio::awaitable<result<value_type>> receive() {
        if (const auto next = session_.try_receive()) // without another coroutine
            co_return codec_.decode(*next);
        const auto message = co_await session_.receive();
        if (!message)
            co_return message.error();
        co_return codec_.decode(*message);
    }

    /// As above; returns `errc::timed_out` if no message arrived within `limit`.
    boost::asio::awaitable<result<value_type>> receive(std::chrono::milliseconds limit) {
        const auto message = co_await session_.receive(limit);
        if (!message)
            co_return message.error();
        co_return codec_.decode(*message);
    }

    /// Encodes and sends a value. Errors: as `peer::send`; throws the exceptions of the codec.
    result<void> send(const value_type& value) { return typed_peer<Codec>{session_, codec_, room_}.send(value); }

    session& untyped() noexcept { return session_; } ///< for all else that a session can do
    Codec& codec() noexcept { return codec_; }       ///< the codec of this session

private:
    session& session_;
    Codec codec_;
    std::string room_; // of the last message that was sent
};

/// A callable for each value of a codec: void(const T&, typed_peer<Codec>&).
template <class Callable, class Codec>
concept callable_for_value = requires(Callable serve, const typename Codec::value_type& value,
                                      typed_peer<Codec>& from) {
    { serve(value, from) } -> std::same_as<void>;
};

/// A callable for a session of values: boost::asio::awaitable<void>(typed_session<Codec>&).
template <class Callable, class Codec>
concept callable_for_values = requires(Callable serve, typed_session<Codec>& values) {
    { serve(values) } -> std::convertible_to<boost::asio::awaitable<void>>;
};

/// Returns a message handler that decodes each message and calls `serve` with the value.
///
///     void take(const order& placed, typed_peer<order_codec>& from) {
///         from.send({placed.id, "sold out"});
///     }
///
///     server.listen("tcp://127.0.0.1:9000", length_prefixed{}, typed(order_codec{}, take));
///
/// A message that the codec refuses ends its session, see `malformed_message`.
template <codec_type Codec, callable_for_value<Codec> Callable>
message_handler typed(Codec codec, Callable serve) {
    return [codec = std::move(codec), serve = std::move(serve), room = std::string{}](bytes_view message,
                                                                                      peer& from) mutable {
        typed_peer<Codec> replies{from, codec, room};
        const typename Codec::value_type& value = codec.decode(message);
        serve(value, replies);
    };
}

/// Returns a session handler that runs `serve` with a session of values.
///
///     boost::asio::awaitable<void> take_orders(typed_session<order_codec>& shop) {
///         while (const auto placed = co_await shop.receive())
///             shop.send({placed->id, "sold out"});
///     }
///
///     server.listen("tcp://127.0.0.1:9000", length_prefixed{}, typed(order_codec{}, take_orders));
template <codec_type Codec, callable_for_values<Codec> Callable>
session_handler typed(Codec codec, Callable serve) {
    return [codec = std::move(codec), serve = std::move(serve)](session& over) mutable -> boost::asio::awaitable<void> {
        typed_session<Codec> values{over, codec};
        co_await serve(values);
    };
}

} // namespace fairlead
