#pragma once

#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::testkit {

/// The result of decoding a stream with a framing.
struct framing_outcome {
    std::vector<std::string> messages; // from `decode`
    std::vector<std::string> last;     // from `finish`
    error_code error;
    bool failed_in_finish = false;
    std::size_t position = 0; // bytes used up
    std::string violation;    // of the contract of `framing_type`, empty if there is none

    friend bool operator==(const framing_outcome&, const framing_outcome&) = default;
};

/// Feeds one stream to a framing piece by piece, as a session does, and checks every step.
class framing_run {
public:
    /// Lifetime: `stream` must outlive the run.
    framing_run(framing prototype, bytes_view stream) : framing_{std::move(prototype)}, stream_{stream} {}

    /// Decodes as far as possible when the first `size` bytes of the stream have arrived.
    void arrive(std::size_t size) {
        bytes_view input = window(size);
        while (!over_) {
            found_message found[most_found];
            const bool finds = framing_.can_find_messages() && framing_.find_messages(input, found) != 0;
            const result<decoded> step = framing_.decode(input);
            if (finds && !is_step(found[0], step))
                return violate("find_messages found another message than decode returned");
            if (input.size() < wanted_ && (!step || step->message || step->consumed != 0))
                return violate("decoding went on with less input than it wanted");
            if (!step)
                return fail(step.error(), false);
            if (!step->message && step->consumed == 0)
                return check_pause(*step, input);
            wanted_ = 0;
            take(*step, input, outcome_.messages);
        }
    }

    /// Ends the stream behind its last byte, and returns the outcome.
    framing_outcome end() && {
        bytes_view input = window(stream_.size());
        while (!over_) {
            const result<decoded> step = framing_.finish(input);
            if (!step)
                fail(step.error(), true);
            else if (!step->message && step->consumed == 0)
                over_ = true;
            else
                take(*step, input, outcome_.last);
        }
        return std::move(outcome_);
    }

    static constexpr std::size_t moved_limit = 4096; ///< longer streams are viewed where they are

private:
    static constexpr std::size_t most_found = 3;

    static bool is_step(const found_message& found, const result<decoded>& step) {
        return step && step->message && step->consumed == found.consumed && step->message->data() == found.begin &&
               step->message->size() == found.size;
    }

    bytes_view window(std::size_t size) {
        const bytes_view unused = stream_.first(size).from(outcome_.position);
        if (stream_.size() > moved_limit)
            return unused;
        block_ = std::vector<unsigned char>(unused.begin(), unused.end());
        return block_;
    }

    void take(const decoded& step, bytes_view& input, std::vector<std::string>& messages) {
        if (step.consumed > input.size())
            return violate("a step used up more than its input");
        if (step.message) {
            if (step.consumed == 0)
                return violate("a message came from a step that used up nothing");
            const bytes_view used = input.first(step.consumed);
            if (!step.message->empty() && (step.message->begin() < used.begin() || step.message->end() > used.end()))
                return violate("a message lies outside the bytes that its step used up");
            messages.push_back(to_string(*step.message));
        }
        outcome_.position += step.consumed;
        input = input.from(step.consumed);
    }

    void check_pause(const decoded& step, bytes_view input) {
        if (step.wanted != 0 && step.wanted <= input.size())
            return violate("a step wanted no more than the input it had");
        const result<decoded> again = framing_.decode(input);
        if (!again || again->message || again->consumed != 0 || again->wanted != step.wanted)
            return violate("a step that used up nothing gave another answer to the same input");
        wanted_ = step.wanted;
    }

    void fail(error_code why, bool in_finish) {
        outcome_.error = why;
        outcome_.failed_in_finish = in_finish;
        over_ = true;
    }

    void violate(const char* violation) {
        outcome_.violation = violation;
        over_ = true;
    }

    framing framing_;
    bytes_view stream_;
    std::vector<unsigned char> block_;
    std::size_t wanted_ = 0;
    bool over_ = false;
    framing_outcome outcome_;
};

} // namespace fairlead::testkit
