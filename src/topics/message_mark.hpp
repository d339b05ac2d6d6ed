#pragma once

#include <cstdint>

namespace fairlead {

/// A place among the numbered messages of a topic. The numbers begin anew after 2³² messages.
///
///     messages:  … 40  41 │ 42  43 …        made at 41: 42 and 43 are behind it
class message_mark {
public:
    explicit message_mark(std::uint32_t last) noexcept : last_{last} {}

    /// Returns true for a message that was published after the mark was made.
    bool is_before(std::uint32_t number) const noexcept { return static_cast<std::int32_t>(number - last_) > 0; }

    /// Moves a mark that is far behind: no message with a smaller number comes any more. A mark that lives for
    /// 2³¹ messages needs this once in 2³⁰ of them.
    void follow(std::uint32_t number) noexcept {
        constexpr std::uint32_t far = 1u << 30;
        if (is_before(number) && number - last_ > far)
            last_ = number - 1;
    }

private:
    std::uint32_t last_;
};

} // namespace fairlead
