#pragma once

#include "decode/divider.hpp"

namespace fairlead::command {

/// The messages of a framing.
class framing_divider : public divider {
public:
    explicit framing_divider(framing rules) : rules_{std::move(rules)} {}

    std::optional<row> next(std::span<unsigned char> input) override;
    std::optional<row> finish(bytes_view input, stream_end end) override;

private:
    row refuse(error_code why, bytes_view input) const;

    framing rules_;
};

} // namespace fairlead::command
