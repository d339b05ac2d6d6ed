#include "websocket/deflate.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include <zlib.h>

namespace fairlead {

namespace {

// Each message ends with an empty block, of which the last four bytes are not sent (RFC 7692, section 7.2.1).
constexpr std::array<unsigned char, 4> tail{0x00, 0x00, 0xFF, 0xFF};

// Level 6 makes JSON of 36 KB a sixth smaller, in more than twice the time; with JSON of 900 bytes it gains little.
constexpr int deflate_level = 3;
constexpr int memory_level = 8;
constexpr std::size_t kept_deflated = 256 * 1024;

struct zlib_deleter {
    int (*end)(::z_stream*) = nullptr;

    void operator()(::z_stream* stream) const noexcept {
        end(stream);
        delete stream;
    }
};

using zlib_ptr = std::unique_ptr<::z_stream, zlib_deleter>;

void require_memory(int outcome) {
    if (outcome == Z_MEM_ERROR)
        throw std::bad_alloc{};
}

// Takes at most 1 GiB: zlib counts bytes in 32 bits.
std::span<const unsigned char> take_piece_of(bytes_view& rest) noexcept {
    const auto size = std::min<std::size_t>(rest.size(), 1u << 30);
    const std::span<const unsigned char> piece{rest.data(), size};
    rest = rest.from(size);
    return piece;
}

void give(::z_stream& stream, std::span<const unsigned char> input) noexcept {
    stream.next_in = const_cast<unsigned char*>(input.data()); // zlib does not change it
    stream.avail_in = static_cast<::uInt>(input.size());
}

void give_room(::z_stream& stream, std::span<unsigned char> room) noexcept {
    stream.next_out = room.data();
    stream.avail_out = static_cast<::uInt>(std::min<std::size_t>(room.size(), 1u << 30));
}

/// The streams and the buffer that a thread keeps between messages.
struct deflate_memory {
    ::z_stream& deflating(unsigned window) {
        zlib_ptr& kept = deflating_[window];
        if (!kept) {
            zlib_ptr made{new ::z_stream{}, {::deflateEnd}};
            require_memory(::deflateInit2(made.get(), deflate_level, Z_DEFLATED, -static_cast<int>(window),
                                          memory_level, Z_DEFAULT_STRATEGY));
            kept = std::move(made);
        }
        ::deflateReset(kept.get());
        return *kept;
    }

    ::z_stream& inflating() {
        if (!inflating_) {
            zlib_ptr made{new ::z_stream{}, {::inflateEnd}};
            require_memory(::inflateInit2(made.get(), -static_cast<int>(max_deflate_window)));
            inflating_ = std::move(made);
        }
        ::inflateReset(inflating_.get());
        return *inflating_;
    }

    byte_buffer storage;

private:
    std::array<zlib_ptr, max_deflate_window + 1> deflating_; // by window
    zlib_ptr inflating_;
};

deflate_memory& deflate_memory_of_thread() {
    static thread_local deflate_memory kept;
    return kept;
}

/// Inflates one message.
class inflater {
public:
    inflater(std::size_t max_message, byte_buffer& message)
        : stream_{deflate_memory_of_thread().inflating()}, max_message_{max_message}, message_{message} {}

    frame_error take(bytes_view compressed) {
        while (!compressed.empty()) {
            give(stream_, take_piece_of(compressed));
            if (const frame_error wrong = inflate_given(); wrong != frame_error::none)
                return wrong;
        }
        return frame_error::none;
    }

    // 128 stands for the boundary of a block (zlib.h, `inflate`): a message that is cut off does not end at one.
    bool is_whole() const noexcept { return (stream_.data_type & 128) != 0; }

private:
    frame_error inflate_given() {
        for (;;) {
            const std::size_t left = max_message_ - message_.size();
            unsigned char beyond = 0;
            const auto room = left == 0 ? std::span{&beyond, 1} : prepare(left);
            give_room(stream_, room);
            const std::size_t given = stream_.avail_out;
            const int outcome = ::inflate(&stream_, Z_NO_FLUSH);
            require_memory(outcome);
            const std::size_t made = given - stream_.avail_out;
            if (left == 0 && made != 0)
                return frame_error::message_too_large;
            if (left != 0)
                message_.commit(made);
            if (outcome == Z_STREAM_END)
                ::inflateReset(&stream_); // a last block of DEFLATE is not the end of the message (section 7.2.3.4)
            else if (outcome != Z_OK && outcome != Z_BUF_ERROR)
                return frame_error::wrong_compression;
            if (stream_.avail_in == 0 && (stream_.avail_out != 0 || outcome == Z_STREAM_END))
                return frame_error::none;
        }
    }

    // Prepares at most `left` bytes, in steps that double the message.
    std::span<unsigned char> prepare(std::size_t left) {
        constexpr std::size_t least = 1024;
        const std::size_t wanted = std::min(left, std::max(least, 3 * std::size_t{stream_.avail_in}));
        const auto room = message_.prepare(message_.room() != 0 ? 1 : wanted);
        return room.first(std::min(room.size(), left));
    }

    ::z_stream& stream_;
    std::size_t max_message_;
    byte_buffer& message_;
};

} // namespace

deflated_message::deflated_message(bytes_view message, unsigned window) {
    deflate_memory& kept = deflate_memory_of_thread();
    ::z_stream& stream = kept.deflating(window);
    storage_ = std::move(kept.storage);
    storage_.prepare(message.size() / 4 + 64);
    do {
        give(stream, take_piece_of(message));
        const int flush = message.empty() ? Z_SYNC_FLUSH : Z_NO_FLUSH;
        do {
            const auto room = storage_.prepare(storage_.room() > 16 ? 1 : storage_.size() / 2 + 64);
            give_room(stream, room);
            const std::size_t given = stream.avail_out;
            ::deflate(&stream, flush);
            storage_.commit(given - stream.avail_out);
        } while (stream.avail_out == 0);
    } while (!message.empty());
    storage_.truncate(storage_.size() - tail.size());
}

deflated_message::~deflated_message() {
    storage_.truncate(0);
    if (storage_.capacity() <= kept_deflated)
        deflate_memory_of_thread().storage = std::move(storage_);
}

frame_error inflate_message(bytes_view compressed, std::size_t max_message, byte_buffer& message) {
    inflater inflating{max_message, message};
    frame_error wrong = inflating.take(compressed);
    if (wrong == frame_error::none)
        wrong = inflating.take(tail);
    if (wrong == frame_error::none && !inflating.is_whole())
        wrong = frame_error::wrong_compression;
    if (wrong != frame_error::none)
        message.release();
    return wrong;
}

void require_deflate() {}

} // namespace fairlead
