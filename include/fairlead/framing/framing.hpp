#pragma once

#include <fairlead/api.hpp>
#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/framing/framing_type.hpp>

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

/// Describes the first bytes of a stream on one printable line: at most 16 bytes in hexadecimal and as text, and the protocol
/// that they look like (HTTP, TLS, SSH, …).
///
///     first bytes: 47 45 54 20 2f 20 "GET / " - this looks like an HTTP request
std::string explain_input(bytes_view input);

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
