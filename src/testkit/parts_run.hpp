#pragma once

#include "testkit/framing_run.hpp"

#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::testkit {

/// Feeds one stream piece by piece to a framing that divides messages, and joins the parts. The position in the
/// outcome is the number of bytes that `decode_part` has used up.
class parts_run {
public:
    /// Lifetime: `stream` must outlive the run.
    parts_run(framing prototype, bytes_view stream) : framing_{std::move(prototype)}, stream_{stream} {}

    /// Decodes as far as possible when the first `size` bytes of the stream have arrived.
    void arrive(std::size_t size) {
        while (!over_) {
            const std::vector<unsigned char> input = unused(size);
            const result<decoded_part> step = framing_.decode_part(input);
            if (!step) {
                outcome_.error = step.error();
                over_ = true;
            } else if (!step->part && step->consumed == 0) {
                return;
            } else {
                take(*step, input);
            }
        }
    }

    /// Ends the stream behind its last byte, and returns the outcome.
    framing_outcome end() && {
        if (over_)
            return std::move(outcome_);
        const std::vector<unsigned char> input = unused(stream_.size());
        const result<decoded> step = framing_.finish(input);
        if (!step) {
            outcome_.error = step.error();
            outcome_.failed_in_finish = true;
        } else if (step->message || step->consumed != 0) {
            violate("finish used up bytes that decode_part had left");
        } else if (inside_) {
            violate("a message in parts ended with the stream, and finish did not say so");
        }
        return std::move(outcome_);
    }

private:
    // In a block of its own, so that a sanitizer detects reads past it.
    std::vector<unsigned char> unused(std::size_t size) const {
        const bytes_view rest = stream_.first(size).from(outcome_.position);
        return {rest.begin(), rest.end()};
    }

    void take(const decoded_part& step, bytes_view input) {
        if (step.consumed > input.size())
            return violate("a step used up more than its input");
        if (step.part && step.consumed == 0)
            return violate("a part came from a step that used up nothing");
        outcome_.position += step.consumed;
        if (!step.part)
            return;
        if (inside_ && expected_ && step.left && *expected_ != step.part->size() + *step.left)
            return violate("a part and the bytes left behind it are not what was left before");
        message_ += to_string(*step.part);
        expected_ = step.left;
        inside_ = step.left != 0;
        if (!inside_)
            outcome_.messages.push_back(std::exchange(message_, {}));
    }

    void violate(const char* violation) {
        outcome_.violation = violation;
        over_ = true;
    }

    framing framing_;
    bytes_view stream_;
    framing_outcome outcome_;
    std::string message_;                   // the part of it that has arrived
    std::optional<std::uint64_t> expected_; // bytes of it that are left
    bool inside_ = false;
    bool over_ = false;
};

} // namespace fairlead::testkit
