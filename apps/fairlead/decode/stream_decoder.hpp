#pragma once

#include "decode/divider.hpp"

#include <fairlead/byte_buffer.hpp>

#include <cstdint>
#include <memory>

namespace fairlead::command {

/// Takes the bytes of one stream as they come, and passes its rows to `rows`. Holds the bytes of an
/// incomplete message.
///
/// Lifetime: `rows` outlives the decoder.
class stream_decoder {
public:
    stream_decoder(std::unique_ptr<divider> rules, row_sink& rows) : rules_{std::move(rules)}, rows_{&rows} {}

    void take(bytes_view arrived);
    void finish(stream_end end);

    /// Reports that `missing` bytes are missing here; the bytes after them cannot be divided.
    void lose(std::uint64_t missing);

    bool ended() const noexcept { return !rules_; } ///< true if no more rows come

private:
    void give(row next);
    void end();

    std::unique_ptr<divider> rules_; // null: the stream has ended, or a fault has ended it
    row_sink* rows_;
    byte_buffer input_;
    std::uint64_t offset_ = 0; // of `input_`
};

} // namespace fairlead::command
