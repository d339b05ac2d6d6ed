#pragma once

#include "support/test_stream.hpp"

#include <fairlead/runtime.hpp>

#include <string>
#include <utility>

namespace fairlead::bench {

/// A peer in memory that costs next to nothing: sends the same bytes each time it is told to, and counts the replies.
class burst_stream final : public test::test_stream {
public:
    explicit burst_stream(std::string bytes) : bytes_{std::move(bytes)} {}

    /// The bytes arrive, in a turn of the shard that comes.
    void send(shard& home) {
        given_ = 0;
        readable_.notify_later(home.get_executor());
    }
    std::size_t received() const noexcept { return received_; }

    result<std::size_t> try_fill(byte_buffer& input, std::size_t most) override {
        const bytes_view rest = bytes_view{bytes_}.from(given_);
        if (rest.empty())
            return errc::would_block;
        const std::size_t size = std::min({rest.size(), most, usual_fill});
        input.append(rest.first(size));
        given_ += size;
        return size;
    }

    result<std::size_t> try_write(bytes_view bytes) override {
        received_ += bytes.size();
        return bytes.size();
    }

private:
    static constexpr std::size_t usual_fill = 64 * 1024;

    const std::string bytes_;
    std::size_t given_ = bytes_.size();
    std::size_t received_ = 0;
};

} // namespace fairlead::bench
