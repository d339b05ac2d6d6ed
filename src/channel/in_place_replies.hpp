#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>

#include <cstddef>
#include <functional>
#include <span>

namespace fairlead {

/// Replies that are sent from their place in the input, and the message in hand, which may become the next one.
///
///     input:  … | header | message | header | message in hand | bytes not decoded yet …
///                |<---- bytes ---->|^ frame
///
/// Lifetime: views the input of a channel; see `send_queue`.
class in_place_replies {
public:
    /// Puts a message in hand, which is passed to its handler. Its header begins at `frame`; null
    /// if a reply must not reuse the header.
    void put_in_hand(bytes_view message, const unsigned char* frame) noexcept {
        in_hand_ = message;
        frame_ = frame;
    }
    /// Puts no message in hand, because another message, also of another channel, may soon use the same memory.
    void put_nothing_in_hand() noexcept { put_in_hand({}, nullptr); }
    bytes_view in_hand() const noexcept { return in_hand_; }

    /// Returns true if `message` is the message in hand, or the beginning of it.
    bool begins_in_hand(bytes_view message) const noexcept { return message.data() == in_hand_.data(); }

    /// Notes that another header was written over the one that came with the message in hand.
    void header_overwritten() noexcept { frame_ = nullptr; }

    /// Adds the message in hand with the header that came with it, and returns the size of both.
    /// Returns 0 if that is not possible: `message` is another message, has no header to reuse, or
    /// does not directly follow the replies before it. Call it only while the transport takes output.
    std::size_t add(bytes_view message) noexcept {
        if (message.data() != in_hand_.data() || message.size() != in_hand_.size() || frame_ == nullptr ||
            (end_ != frame_ && !empty()))
            return 0;
        if (empty())
            begin_ = frame_;
        end_ = message.end();
        return static_cast<std::size_t>(end_ - frame_);
    }

    /// Returns the number of bytes that `extend` would add: those of the message in hand with its
    /// header, if `message` is that message and directly follows other replies. Else returns 0.
    std::size_t extension(bytes_view message) const noexcept {
        if (message.data() != in_hand_.data() || message.size() != in_hand_.size() || end_ != frame_)
            return 0;
        return static_cast<std::size_t>(message.end() - frame_);
    }
    void extend(bytes_view message) noexcept { end_ = message.end(); }

    /// Adds the bytes from `begin` to `end`, which directly follow the replies before them.
    void add(const unsigned char* begin, const unsigned char* end) noexcept {
        if (empty())
            begin_ = begin;
        end_ = end;
    }

    /// Returns true if `message` with a header of that size would directly follow the replies before it.
    bool may_add(std::size_t header, bytes_view message) const noexcept {
        return empty() || end_ + header == message.data();
    }

    bool empty() const noexcept { return begin_ == end_; }
    std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
    bytes_view bytes() const noexcept { return {begin_, size()}; }
    void clear() noexcept { begin_ = end_ = &nowhere; }

    /// Returns a mutable view of `part` if it lies in the message in hand and is not queued already; else an
    /// empty view. A framing may have its messages elsewhere than in the input, and `part` may be any memory.
    std::span<unsigned char> writable(bytes_view part, byte_buffer& input) const noexcept {
        const auto consumed = input.consumed();
        const std::less_equal<const unsigned char*> not_behind;
        const unsigned char* const first = empty() ? consumed.data() : end_;
        if (part.empty() || !not_behind(in_hand_.data(), part.data()) || !not_behind(part.end(), in_hand_.end()) ||
            !not_behind(first, part.data()) || !not_behind(part.end(), consumed.data() + consumed.size()))
            return {};
        return consumed.subspan(static_cast<std::size_t>(part.data() - consumed.data()), part.size());
    }

private:
    inline static constexpr unsigned char nowhere = 0; // where no frame begins

    bytes_view in_hand_;
    const unsigned char* frame_ = nullptr; // where its header begins; null if no reply may reuse it
    const unsigned char* begin_ = &nowhere;
    const unsigned char* end_ = &nowhere;
};

} // namespace fairlead
