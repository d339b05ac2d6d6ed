#pragma once

#include <fairlead/api.hpp>
#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace FAIRLEAD_API fairlead {

/// One step of decoding.
///
///     input:  | header | m e s s a g e | header | m e s …
///             |<------ consumed ------>|
///                      |<- message --->|
struct decoded {
    std::size_t consumed = 0;          ///< bytes of the input this step used up
    std::optional<bytes_view> message; ///< views the input; empty: more bytes are needed
    std::size_t wanted = 0;            ///< a hint: input size at which decoding can go on; 0 = unknown
};

/// What a framing is: it takes messages out of a stream of bytes and puts messages into one, without doing I/O.
///
/// `decode(input)` sees everything received and not yet consumed. A step that neither yields a message nor consumes
/// anything asks for more input; it is then called again with the same bytes and some behind them. A message of size
/// zero is a message. An error ends the stream: a framing never searches for a place to go on.
/// `finish(input)` is called once the stream has ended and `decode` yields nothing more, until it yields nothing
/// either: a last message, nothing, or `errc::truncated`.
/// `encode(message, output)` appends one framed message. What the peer could not decode is refused before a byte is
/// written.
///
/// Lifetime: a message views `input`; one that views storage of the framing is valid until the next call of `decode`.
/// Thread safety: one thread at a time; every session works on its own copy.
template <class F>
concept framing_type = std::copyable<F> && requires(F framing, bytes_view input, byte_buffer& output) {
    { framing.decode(input) } -> std::same_as<result<decoded>>;
    { framing.finish(input) } -> std::same_as<result<decoded>>;
    { framing.encode(input, output) } -> std::same_as<result<void>>;
};

/// A framing that puts something before a message and nothing behind it, the message as it is: `encode_header` appends, or
/// refuses, what `encode` would before the message, so that this can be sent without being copied. For each message one
/// of the two is called, once.
template <class F>
concept frames_by_header = requires(F framing, bytes_view message, byte_buffer& output) {
    { framing.encode_header(message, output) } -> std::same_as<result<void>>;
};

/// A framing by header may declare that headers survive an echo: `keeps_headers()` returns true if `encode_header` would
/// write, for any message of the size of a decoded one, exactly the bytes that stood before the decoded one. A reply that
/// is the message just received is then sent as it stands, without a call of `encode_header`.
template <class F>
concept declares_kept_headers = frames_by_header<F> && requires(const F& framing) {
    { framing.keeps_headers() } -> std::same_as<bool>;
};

/// A framing that limits its messages: `max_message()` returns the bytes that one may have as delivered. A server refuses
/// to listen if its buffers could never hold that much.
template <class F>
concept limits_messages = requires(const F& framing) {
    { framing.max_message() } -> std::same_as<std::size_t>;
};

/// A framing that can say more about bytes it refused than `explain_input` does.
template <class F>
concept explains_errors = requires(const F& framing, error_code why, bytes_view input) {
    { framing.explain(why, input) } -> std::same_as<std::string>;
};
/// A framing that has a text form, such as `length:2`.
template <class F>
concept has_text_form = requires(const F& framing) {
    { framing.to_string() } -> std::same_as<std::string>;
};

/// What the first bytes of a stream look like: at most 16 of them in hexadecimal and as text, and the protocol they
/// remind of (HTTP, TLS, SSH, …), on one printable line.
///
///     first bytes: 47 45 54 20 2f 20 "GET / " - this looks like an HTTP request
std::string explain_input(bytes_view input);

/// Takes messages one by one as `framing::decode_each` finds them.
class decoded_sink {
public:
    /// Takes a step that has a message. Returns false to stop decoding behind it.
    virtual bool take(const decoded& step) = 0;

protected:
    ~decoded_sink() = default;
};

/// See `framing::decode_each`.
template <class F>
result<decoded> decode_each_of(F& framing, bytes_view input, decoded_sink& sink) {
    for (;;) {
        auto step = framing.decode(input);
        if (!step || !step->message || !sink.take(*step))
            return step;
        input = input.from(step->consumed);
        if (input.empty())
            return decoded{};
    }
}

/// A framing may bring the loop of `framing::decode_each` itself, compiled together with its `decode`.
template <class F>
concept decodes_each = requires(F framing, bytes_view input, decoded_sink& sink) {
    { framing.decode_each(input, sink) } -> std::same_as<result<decoded>>;
};

class framing;
/// Anything but a `framing` that satisfies `framing_type`.
template <class F>
concept framing_to_hold = !std::same_as<std::remove_cvref_t<F>, framing> && framing_type<std::remove_cvref_t<F>>;

/// Holds any framing. A default-constructed or moved-from one may only be assigned to.
class framing {
public:
    framing() noexcept = default;

    /// Holds `prototype`, copied or moved.
    template <framing_to_hold F>
    framing(F&& prototype) : held_{std::make_unique<model<std::remove_cvref_t<F>>>(std::forward<F>(prototype))} {}

    framing(const framing& other) : held_{other.held_ ? other.held_->copy() : nullptr} {}
    framing(framing&&) noexcept = default;
    framing& operator=(const framing& other) { return *this = framing{other}; }
    framing& operator=(framing&&) noexcept = default;

    result<decoded> decode(bytes_view input) { return held_->decode(input); } ///< takes the next message

    /// Decodes one message after the other and gives each to `sink`, until `sink` stops or `input` has no more whole
    /// messages. A message is decoded after `sink` has taken the one before it. Returns the last step: it has a message
    /// only if `sink` stopped behind it. What `sink` has taken is not part of `consumed` of a last step without message.
    ///
    /// Errors: those of `decode`, after all messages before the error were taken. Throws what `sink` throws.
    result<decoded> decode_each(bytes_view input, decoded_sink& sink) { return held_->decode_each(input, sink); }

    /// Takes a last message at the end of the stream.
    result<decoded> finish(bytes_view input) { return held_->finish(input); }

    /// Appends one framed message, or refuses it before a byte is written.
    result<void> encode(bytes_view message, byte_buffer& output) { return held_->encode(message, output); }

    /// Whether there is `encode_header`, which is called only then.
    bool has_header() const noexcept { return held_->has_header(); }
    /// Appends or refuses what `encode` would before the message; see `frames_by_header`.
    result<void> encode_header(bytes_view message, byte_buffer& output) {
        return held_->encode_header(message, output);
    }

    /// See `declares_kept_headers`.
    bool keeps_headers() const noexcept { return held_->keeps_headers(); }

    /// The bytes that a message may have as delivered; 0 for a framing that does not say (`limits_messages`).
    std::size_t max_message() const noexcept { return held_->max_message(); }

    /// One line about an error that `decode` or `finish` gave for `input`: what happened, the first 16 bytes, what they
    /// look like.
    std::string explain(error_code why, bytes_view input) const { return held_->explain(why, input); }

    /// The text form that `parse_framing` reads, such as `length:2`; "custom" for a framing that has none.
    std::string to_string() const { return held_->to_string(); }

private:
    struct concept_type {
        virtual ~concept_type() = default;
        virtual std::unique_ptr<concept_type> copy() const = 0;
        virtual result<decoded> decode(bytes_view) = 0;
        virtual result<decoded> decode_each(bytes_view, decoded_sink&) = 0;
        virtual result<decoded> finish(bytes_view) = 0;
        virtual result<void> encode(bytes_view, byte_buffer&) = 0;
        virtual bool has_header() const noexcept = 0;
        virtual bool keeps_headers() const noexcept = 0;
        virtual result<void> encode_header(bytes_view, byte_buffer&) = 0;
        virtual std::size_t max_message() const noexcept = 0;
        virtual std::string explain(error_code, bytes_view) const = 0;
        virtual std::string to_string() const = 0;
    };

    template <class F>
    struct model final : concept_type {
        explicit model(F held) : framing_{std::move(held)} {}
        std::unique_ptr<concept_type> copy() const override { return std::make_unique<model>(framing_); }
        result<decoded> decode(bytes_view input) override { return framing_.decode(input); }
        result<decoded> decode_each(bytes_view input, decoded_sink& sink) override {
            if constexpr (decodes_each<F>)
                return framing_.decode_each(input, sink);
            else
                return decode_each_of(framing_, input, sink);
        }
        result<decoded> finish(bytes_view input) override { return framing_.finish(input); }
        result<void> encode(bytes_view message, byte_buffer& output) override {
            return framing_.encode(message, output);
        }
        bool has_header() const noexcept override { return frames_by_header<F>; }
        bool keeps_headers() const noexcept override {
            if constexpr (declares_kept_headers<F>)
                return framing_.keeps_headers();
            else
                return false;
        }
        result<void> encode_header(bytes_view message, byte_buffer& output) override {
            if constexpr (frames_by_header<F>)
                return framing_.encode_header(message, output);
            else
                return framing_.encode(message, output);
        }
        std::size_t max_message() const noexcept override {
            if constexpr (limits_messages<F>)
                return framing_.max_message();
            else
                return 0;
        }
        std::string explain(error_code why, bytes_view input) const override {
            if constexpr (explains_errors<F>)
                return framing_.explain(why, input);
            else
                return why.message() + "; " + explain_input(input);
        }
        std::string to_string() const override {
            if constexpr (has_text_form<F>)
                return framing_.to_string();
            else
                return "custom";
        }
        F framing_;
    };

    std::unique_ptr<concept_type> held_;
};

} // namespace fairlead
