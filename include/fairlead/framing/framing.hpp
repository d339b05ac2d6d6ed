#pragma once

#include <fairlead/api.hpp>
#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace FAIRLEAD_API fairlead {

/// The result of one step of decoding.
///
///     input:  | header | m e s s a g e | header | m e s …
///             |<------ consumed ------>|
///                      |<- message --->|
struct decoded {
    std::size_t consumed = 0;               ///< bytes of the input that this step used
    std::optional<bytes_view> message = {}; ///< nullopt: more bytes are needed; an empty view is a message
    std::size_t wanted = 0;                 ///< a hint: the input size at which decoding can continue; 0: unknown
};

/// A framing takes messages out of a stream of bytes and puts messages into a stream, without I/O.
///
///     struct single_bytes {                                       // each byte is a message
///         result<decoded> decode(bytes_view input) {
///             if (input.empty())
///                 return decoded{};                               // more bytes are needed
///             return decoded{.consumed = 1, .message = input.first(1)};
///         }
///         result<decoded> finish(bytes_view) { return decoded{}; }
///         result<void> encode(bytes_view message, byte_buffer& output) {
///             if (message.size() != 1)
///                 return errc::malformed;
///             output.append(message);
///             return {};
///         }
///     };
///
/// - `decode(input)` gets all bytes that were received and not yet consumed. A step with a message consumes 1 to `input.size()`
///   bytes. A step without a message that consumes nothing asks for more input; `decode` is then called again with the same
///   bytes and more. An error ends the stream; a framing does not resynchronise.
/// - `finish(input)` is called after the end of the stream, when `decode` needs more input. It returns a last message and is
///   called again, or returns no message, or `errc::truncated`.
/// - `encode(message, output)` appends one framed message. It refuses a message that the peer could not decode, before it writes
///   a byte.
///
/// Thread safety: one thread at a time; every session has its own copy. Lifetime: a message is a view of `input`, or of storage of
/// the framing that is valid until the next call of `decode`.
template <class F>
concept framing_type = std::copyable<F> && requires(F framing, bytes_view input, byte_buffer& output) {
    { framing.decode(input) } -> std::same_as<result<decoded>>;
    { framing.finish(input) } -> std::same_as<result<decoded>>;
    { framing.encode(input, output) } -> std::same_as<result<void>>;
};

/// A framing that encodes a message as a header followed by the unchanged message. `encode_header` appends the header only, so
/// that the message is sent without a copy. It refuses the same messages as `encode`. For each message one of the two is
/// called, once.
template <class F>
concept frames_by_header = requires(F framing, bytes_view message, byte_buffer& output) {
    { framing.encode_header(message, output) } -> std::same_as<result<void>>;
};

/// A framing whose headers depend on the size of the message only. `keeps_headers()` returns true if `encode_header` would write,
/// for any message of the same size, exactly the bytes that stood before a decoded message. A reply that is the message just
/// received is then sent with its old header, without a call of `encode_header`.
template <class F>
concept declares_kept_headers = frames_by_header<F> && requires(const F& framing) {
    { framing.keeps_headers() } -> std::same_as<bool>;
};

/// The result of one step of decoding a message in parts.
///
///     input:  | header | b o d y …        the next input:  | … b o d y | header | …
///             |<--- consumed --->|                         |<consumed->|
///                      |<- part->|                         |<- part -->|   left: 0
struct decoded_part {
    std::size_t consumed = 0;            ///< bytes of the input that this step used
    std::optional<bytes_view> part = {}; ///< nullopt: more bytes are needed
    std::optional<std::uint64_t> left =
        {};                 ///< bytes of the message after this part; 0: it was the last. nullopt: unknown
    std::size_t wanted = 0; ///< as in `decoded`
};

/// A framing whose messages can pass in parts, for `session::receive_part` and `session::begin_message`.
///
/// - `decode_part(input)` is as `decode`, but returns the bytes of a message that have arrived. The framing keeps its state between
///   two parts. `finish` returns no message, and `errc::truncated` at an end of the stream between them.
/// - `begin_message(size, output)` appends the bytes that precede the first part, such as a length. nullopt: the size is not known; a
///   framing that needs it returns `errc::malformed`.
///
/// `decode` and `decode_part` may take turns between two messages. `encode` may be called between `begin_message` and the end of that
/// message, for one that goes out after it.
///
/// A framing that marks each part, as chunks do, has two more functions:
///
/// - `begin_part(part, output)` appends the bytes that precede a part that is not empty; the part follows unchanged.
/// - `end_message(output)` appends the bytes after the last part.
template <class F>
concept passes_parts = requires(F framing, bytes_view input, std::optional<std::uint64_t> size, byte_buffer& output) {
    { framing.decode_part(input) } -> std::same_as<result<decoded_part>>;
    { framing.begin_message(size, output) } -> std::same_as<result<void>>;
};

/// A framing whose options decide whether its messages can pass in parts.
template <class F>
concept chooses_parts = passes_parts<F> && requires(const F& framing) {
    { framing.divides_messages() } -> std::same_as<bool>;
};

/// A framing with `begin_part` and `end_message`; see `passes_parts`.
template <class F>
concept marks_parts = passes_parts<F> && requires(F framing, bytes_view part, byte_buffer& output) {
    { framing.begin_part(part, output) } -> std::same_as<result<void>>;
    { framing.end_message(output) } -> std::same_as<result<void>>;
};

/// A framing that limits the size of messages: `max_message()` returns the limit in bytes. `server::listen` refuses a limit above
/// `server_options::buffer_budget`.
template <class F>
concept limits_messages = requires(const F& framing) {
    { framing.max_message() } -> std::same_as<std::size_t>;
};

/// A framing that explains refused bytes better than `explain_input`.
template <class F>
concept explains_errors = requires(const F& framing, error_code why, bytes_view input) {
    { framing.explain(why, input) } -> std::same_as<std::string>;
};

/// A framing with a text form, such as `length:2`.
template <class F>
concept has_text_form = requires(const F& framing) {
    { framing.to_string() } -> std::same_as<std::string>;
};

/// Describes the first bytes of a stream on one printable line: at most 16 bytes in hexadecimal and as text, and the protocol
/// that they look like (HTTP, TLS, SSH, …).
///
///     first bytes: 47 45 54 20 2f 20 "GET / " - this looks like an HTTP request
std::string explain_input(bytes_view input);

/// A whole message in the input of a framing.
///
///     input:  | header | m e s s a g e | header | m e s …
///             |<------ consumed ------>|
///                      ^ begin, size
struct found_message {
    const unsigned char* begin; ///< of the message
    std::size_t size;           ///< of the message, in bytes
    std::size_t consumed;       ///< as in `decoded`

    bytes_view message() const noexcept { return {begin, size}; } ///< returns a view of the message
};

/// A framing that finds several messages at once, which is faster than one call of `decode` for each.
///
/// `find_messages(input, found)` writes the first messages of `input` to `found`, one behind the other, and returns their number, 0 to
/// `found.size()`. Each is the message that the next call of `decode` would return, and lies in `input`. The function is const, because
/// the session may take fewer of them. If it returns 0, the session calls `decode`.
template <class F>
concept finds_messages = requires(const F& framing, bytes_view input, std::span<found_message> found) {
    { framing.find_messages(input, found) } -> std::same_as<std::size_t>;
};

class framing;

/// A framing other than the class `framing`.
template <class F>
concept framing_to_hold = !std::same_as<std::remove_cvref_t<F>, framing> && framing_type<std::remove_cvref_t<F>>;

/// Holds any framing. A default-constructed or moved-from object may only be assigned to or destroyed.
///
///     framing rules = line{};
///     rules = length_prefixed{{.width = 2}};
///     rules = "length:2";                         // the same by its text form
class framing {
public:
    framing() noexcept = default;

    /// Holds `prototype`, copied or moved.
    template <framing_to_hold F>
    framing(F&& prototype) : held_{std::make_unique<model<std::remove_cvref_t<F>>>(std::forward<F>(prototype))} {}

    /// Holds the framing that a text names, as `parse_framing` does. Errors: throws std::invalid_argument.
    framing(const char* text);

    framing(const framing& other) : held_{other.held_ ? other.held_->copy() : nullptr} {}
    framing(framing&&) noexcept = default;
    framing& operator=(const framing& other) { return *this = framing{other}; }
    framing& operator=(framing&&) noexcept = default;

    result<decoded> decode(bytes_view input) { return held_->decode(input); } ///< takes the next message

    /// Returns true if the framing has `find_messages` (see `finds_messages`).
    bool can_find_messages() const noexcept { return held_->can_find_messages(); }
    /// Finds the next messages, and returns how many; 0 if the framing has no `find_messages`.
    std::size_t find_messages(bytes_view input, std::span<found_message> found) const {
        return held_->find_messages(input, found);
    }

    /// Takes a last message at the end of the stream.
    result<decoded> finish(bytes_view input) { return held_->finish(input); }

    /// Appends one framed message, or refuses it before a byte is written.
    result<void> encode(bytes_view message, byte_buffer& output) { return held_->encode(message, output); }

    /// Returns true if the framing has `encode_header`; only then is it called.
    bool has_header() const noexcept { return held_->has_header(); }
    /// Appends the header that `encode` would write before the message; see `frames_by_header`.
    result<void> encode_header(bytes_view message, byte_buffer& output) {
        return held_->encode_header(message, output);
    }

    /// See `declares_kept_headers`.
    bool keeps_headers() const noexcept { return held_->keeps_headers(); }

    /// Returns the largest size of a delivered message in bytes; 0 if the framing does not declare it (`limits_messages`).
    std::size_t max_message() const noexcept { return held_->max_message(); }

    /// Returns true if messages can pass in parts; only then are the next four called. See `passes_parts` of framings.
    bool divides_messages() const noexcept { return held_->divides_messages(); }
    result<decoded_part> decode_part(bytes_view input) { return held_->decode_part(input); } ///< takes the next part
    /// Appends the bytes that precede the first part.
    result<void> begin_message(std::optional<std::uint64_t> size, byte_buffer& output) {
        return held_->begin_message(size, output);
    }
    /// Appends the bytes that precede a part.
    result<void> begin_part(bytes_view part, byte_buffer& output) { return held_->begin_part(part, output); }
    result<void> end_message(byte_buffer& output) { return held_->end_message(output); } ///< appends the end

    /// Returns the framing that is held if it is an `F`, else null.
    ///
    ///     if (const auto* const lines = rules.target<line>())
    template <framing_to_hold F>
    const F* target() const noexcept {
        return held_ ? static_cast<const F*>(held_->target(typeid(F))) : nullptr;
    }

    /// Returns one line about an error of `decode` or `finish` for `input`: the error, the first 16 bytes, and the protocol that
    /// they look like.
    std::string explain(error_code why, bytes_view input) const { return held_->explain(why, input); }

    /// Returns the text form that `parse_framing` reads, such as `length:2`; "custom" for a framing without one.
    std::string to_string() const { return held_->to_string(); }

private:
    struct concept_type {
        virtual ~concept_type() = default;
        virtual std::unique_ptr<concept_type> copy() const = 0;
        virtual result<decoded> decode(bytes_view) = 0;
        virtual bool can_find_messages() const noexcept = 0;
        virtual std::size_t find_messages(bytes_view, std::span<found_message>) const = 0;
        virtual result<decoded> finish(bytes_view) = 0;
        virtual result<void> encode(bytes_view, byte_buffer&) = 0;
        virtual bool has_header() const noexcept = 0;
        virtual bool keeps_headers() const noexcept = 0;
        virtual result<void> encode_header(bytes_view, byte_buffer&) = 0;
        virtual std::size_t max_message() const noexcept = 0;
        virtual bool divides_messages() const noexcept = 0;
        virtual result<decoded_part> decode_part(bytes_view) = 0;
        virtual result<void> begin_message(std::optional<std::uint64_t>, byte_buffer&) = 0;
        virtual result<void> begin_part(bytes_view, byte_buffer&) = 0;
        virtual result<void> end_message(byte_buffer&) = 0;
        virtual const void* target(const std::type_info&) const noexcept = 0;
        virtual std::string explain(error_code, bytes_view) const = 0;
        virtual std::string to_string() const = 0;
    };

    template <class F>
    struct model final : concept_type {
        explicit model(F held) : framing_{std::move(held)} {}
        std::unique_ptr<concept_type> copy() const override { return std::make_unique<model>(framing_); }
        result<decoded> decode(bytes_view input) override { return framing_.decode(input); }
        bool can_find_messages() const noexcept override { return finds_messages<F>; }
        std::size_t find_messages(bytes_view input, std::span<found_message> found) const override {
            if constexpr (finds_messages<F>)
                return framing_.find_messages(input, found);
            else
                return 0;
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
        bool divides_messages() const noexcept override {
            if constexpr (chooses_parts<F>)
                return framing_.divides_messages();
            else
                return passes_parts<F>;
        }
        result<decoded_part> decode_part(bytes_view input) override {
            if constexpr (passes_parts<F>)
                return framing_.decode_part(input);
            else
                return errc::malformed;
        }
        result<void> begin_message(std::optional<std::uint64_t> size, byte_buffer& output) override {
            if constexpr (passes_parts<F>)
                return framing_.begin_message(size, output);
            else
                return errc::malformed;
        }
        result<void> begin_part(bytes_view part, byte_buffer& output) override {
            if constexpr (marks_parts<F>)
                return framing_.begin_part(part, output);
            else
                return {};
        }
        result<void> end_message(byte_buffer& output) override {
            if constexpr (marks_parts<F>)
                return framing_.end_message(output);
            else
                return {};
        }
        const void* target(const std::type_info& wanted) const noexcept override {
            return wanted == typeid(F) ? &framing_ : nullptr;
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
