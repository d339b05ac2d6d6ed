#include "channel/message_reader.hpp"

#include <functional>

namespace fairlead {

/// Takes each message off the input before the sink has it. A sink may ask the reader for more itself; what follows is
/// then decoded anew.
class message_reader::hand_over final : public decoded_sink {
public:
    hand_over(message_reader& from, message_sink& to) noexcept : from_{from}, to_{to} {}

    bool take(const decoded& step) override {
        byte_buffer& input = from_.input_;
        from_.frame_ = input.data().data();
        from_.in_hand_ = *step.message;
        if (from_.state_ == state::skipping)
            from_.state_ = state::whole;
        input.consume(step.consumed);
        const unsigned char* const next = input.data().data();
        stopped_ = !to_.take(*step.message);
        return !stopped_ && input.data().data() == next;
    }

    bool stopped() const noexcept { return stopped_; }

private:
    message_reader& from_;
    message_sink& to_;
    bool stopped_ = false;
};

result<receive_outcome> message_reader::read(message_sink& to) {
    hand_over each{*this, to};
    for (;;) {
        if (input_.empty() && !input_ended())
            return receive_outcome::starved;
        auto step = framing_.decode_each(input_.data(), each);
        if (!step)
            return step.error();
        if (!step->message && step->consumed == 0 && input_ended()) {
            step = framing_.finish(input_.data());
            if (!step)
                return step.error();
            if (step->message)
                each.take(*step);
            else if (step->consumed == 0)
                return receive_outcome::ended;
        }
        if (each.stopped())
            return receive_outcome::stopped;
        if (step->message)
            continue;
        if (step->consumed != 0) {
            input_.consume(step->consumed);
            if (!input_ended())
                state_ = state::skipping;
        } else if (!input_ended()) {
            return receive_outcome::starved;
        }
    }
}

// Asking a framing what would be wrong with an end here may change it, so a copy is asked.
bool message_reader::inside_message() {
    if (!input_.empty())
        return true;
    if (state_ != state::skipping)
        return false;
    framing probe{framing_};
    if (probe.finish({}))
        state_ = state::whole;
    return state_ == state::skipping;
}

// A framing may have its messages elsewhere than in the input, and `part` may be anything.
std::span<unsigned char> message_reader::writable(bytes_view part, const unsigned char* from) noexcept {
    const auto consumed = input_.consumed();
    const std::less_equal<const unsigned char*> not_behind;
    const unsigned char* const first = from ? from : consumed.data();
    if (part.empty() || !not_behind(in_hand_.data(), part.data()) || !not_behind(part.end(), in_hand_.end()) ||
        !not_behind(first, part.data()) || !not_behind(part.end(), consumed.data() + consumed.size()))
        return {};
    return consumed.subspan(static_cast<std::size_t>(part.data() - consumed.data()), part.size());
}

} // namespace fairlead
