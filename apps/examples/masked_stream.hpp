#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/transport/stream.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

/// A stream of one's own: wraps another stream and masks its bytes with a key, both ways. docs/transport.md explains it.
///
///     session ◀── plain bytes ── masked_stream ◀── masked bytes ── inner stream ◀── peer
///
/// The masking is an XOR: it shows where a transport changes bytes, and keeps nothing secret.
class masked_stream final : public fairlead::stream {
public:
    /// `key` has at least one byte.
    masked_stream(std::unique_ptr<fairlead::stream> inner, std::string key)
        : inner_{std::move(inner)}, key_{std::move(key)} {}

    fairlead::result<std::size_t> try_fill(fairlead::byte_buffer& input, std::size_t most) override {
        fairlead::byte_buffer masked; // takes memory only if the inner stream has something to read
        const auto size = inner_->try_fill(masked, most);
        if (!size)
            return size; // would_block, closed and errors pass as they are
        apply_key(masked.data(), received_, input.prepare(*size).data());
        input.commit(*size);
        received_ += *size;
        return size;
    }

    // Writes until the inner stream takes no more: after a short write the session waits for `writable`.
    fairlead::result<std::size_t> try_write(fairlead::bytes_view bytes) override {
        std::array<unsigned char, 4096> masked;
        std::size_t written = 0;
        while (written < bytes.size()) {
            const fairlead::bytes_view part = bytes.from(written).first(masked.size());
            apply_key(part, sent_, masked.data());
            const auto taken = inner_->try_write({masked.data(), part.size()});
            if (!taken && written == 0)
                return taken;
            if (!taken) // the next call returns the error
                break;
            written += *taken;
            sent_ += *taken; // only these: the session offers the rest again
        }
        return written;
    }

    bool drained() const noexcept override { return inner_->drained(); }
    void look_again() noexcept override { inner_->look_again(); }
    fairlead::event& readable() noexcept override { return inner_->readable(); }
    fairlead::event& writable() noexcept override { return inner_->writable(); }
    void shutdown() noexcept override { inner_->shutdown(); }
    void close() noexcept override { inner_->close(); }
    fairlead::endpoint local() const override { return inner_->local(); }
    fairlead::endpoint remote() const override { return inner_->remote(); }
    int native_handle() const noexcept override { return inner_->native_handle(); }

private:
    void apply_key(fairlead::bytes_view from, std::size_t position, unsigned char* to) const {
        for (const unsigned char byte : from)
            *to++ = byte ^ static_cast<unsigned char>(key_[position++ % key_.size()]);
    }

    std::unique_ptr<fairlead::stream> inner_;
    const std::string key_;
    std::size_t received_ = 0; // bytes so far, which tell where in the key each direction stands
    std::size_t sent_ = 0;
};
